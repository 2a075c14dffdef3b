from django.apps import AppConfig


class ComptoirConfig(AppConfig):
    """The house as a whole: once every context is loaded, its ports are filled."""

    name = "comptoir"

    def ready(self) -> None:
        """Fill the ports."""
        import comptoir.wiring  # noqa: F401
