"""Static files in production: compressed, named by their hash, imports between our modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class HashedStatic(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """`import "./keys.js"` in a script becomes the hashed name too, so that no old module meets a new one."""

    support_js_module_import_aggregation = True
    # Ours only: packed scripts of libraries hold text that merely looks like an import.
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
