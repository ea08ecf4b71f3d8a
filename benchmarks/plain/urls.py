"""Addresses of the comparison."""

from rest_framework.routers import SimpleRouter

from .views import PrefetchedCompanies, TutorialCompanies

router = SimpleRouter()
router.register("tutorial", TutorialCompanies, basename="tutorial")
router.register("prefetched", PrefetchedCompanies, basename="prefetched")
urlpatterns = router.urls
