"""What can go wrong with a store; no engine's own exception leaves this package."""


class StoreError(Exception):
    """Base of every error of this package."""


class PointRefused(StoreError):
    """A point or a query breaks the rules of the store; nothing was written."""


class FilterRefused(PointRefused):
    """A filter breaks the grammar, or names a field that is not indexed."""


class StoreBusy(StoreError):
    """Another process owns the store."""


class StoreDamaged(StoreError):
    """The folder is no store, or no longer one, or of another version."""


class StoreFull(StoreError):
    """Less than the reserve of free space is left; reads go on."""


class StoreDown(StoreError):
    """The engine did not do what it was asked."""


class ModelMissing(StoreError):
    """The store holds no theta vectors of the model that was named."""


class NotNeeded(StoreError):
    """The engine does by itself what it was asked for."""


class BackupRefused(StoreError):
    """A backup is damaged, or would replace something."""
