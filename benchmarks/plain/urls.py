"""URLs of the baseline."""

from rest_framework.routers import SimpleRouter

from .views import Companies

router = SimpleRouter()
router.register("naive", Companies, basename="naive")
urlpatterns = router.urls
