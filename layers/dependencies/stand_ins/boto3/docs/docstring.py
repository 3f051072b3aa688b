"""Docstrings of resources, which no function uses."""

from botocore.docs.docstring import LazyLoadedDocstring

ActionDocstring = AttributeDocstring = IdentifierDocstring = ReferenceDocstring = LazyLoadedDocstring
BatchActionDocstring = CollectionDocstring = CollectionMethodDocstring = LazyLoadedDocstring
LoadReloadDocstring = ResourceWaiterDocstring = SubResourceDocstring = LazyLoadedDocstring
