"""Pages for followers: e-mail alerts and webhooks."""
