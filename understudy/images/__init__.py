"""Builds the reference services into images: same source, same toolchain, same digest."""

from understudy.images.build import SERVICES, build_images
from understudy.images.errors import ImageError
from understudy.images.image import Image

__all__ = ["SERVICES", "Image", "ImageError", "build_images"]
