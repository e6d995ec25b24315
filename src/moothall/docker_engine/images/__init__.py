"""The platform images: which of them an engine lacks, building those, and carrying them to other engines.

The sources are the folders below `images/` of the repository; the tags are computed from them by `moothall.imagetags`,
so nothing here decides what an image is called. What is built has an ID, and by that it is known from then on: a tag is
believed on the engine that builds alone, and there only while nothing is on record. Importing this package loads
neither Docker's SDK nor a connection.
"""

from moothall.docker_engine.images.carry import carry, lacking_images
from moothall.docker_engine.images.ensure import ensure, missing_images

__all__ = ["carry", "ensure", "lacking_images", "missing_images"]
