"""Pictures with their labels."""

from groundup.data.images.images import Images, load_images, read_folder, split_images
from groundup.data.images.pictures import read_picture

__all__ = ["Images", "load_images", "read_folder", "read_picture", "split_images"]
