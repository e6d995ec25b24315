"""The platform images: which of them an engine lacks, building those, and carrying them to other engines.

The sources are the folders below `images/` of the repository; the tags are computed from them by `moothall.imagetags`,
so nothing here decides what an image is called. Importing this package loads neither Docker's SDK nor a connection.
"""

from moothall.docker_engine.images.carry import carry, missing_tags
from moothall.docker_engine.images.ensure import ensure, missing_images

__all__ = ["carry", "ensure", "missing_images", "missing_tags"]
