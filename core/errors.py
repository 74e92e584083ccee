"""The errors that Digit Lab raises on purpose, each with a message for the person.

DigitLabError
├── InvalidInput        what came from outside is invalid: a pattern, a name, a setting
│   └── UnreadableImage a file or an array is not a readable picture
├── NothingDrawn        a picture without ink
├── DataUnavailable     a data set is not on this machine and could not be fetched
├── ModelUnusable       a saved model is damaged, foreign or missing
├── ModelExists         a saved model of that name is already there
├── ModelProtected      a saved model must stay: it comes with Digit Lab, or an ensemble needs it
│   └── NotYourModel    it belongs to somebody else, or to nobody
├── TrainingDiverged    the loss became NaN, and there is nothing to keep
├── NoSuchRun           no run has that name, or it is somebody else's
│   └── UnreadableRun   it is there, but this version does not understand it
├── NoSuchSearch        no search has that name, or it is somebody else's
├── PasswordRequired    only whoever knows this server's password may do that
├── LimitReached        more than this server allows one run or one person
├── DatabaseUnavailable the database cannot be opened or written
│   └── LeaseLost       another server looks after this run or search now, or it was deleted
├── Abandoned           the work was stopped, or nobody waits for it any more
└── WorkersUnavailable  the worker processes could not be started or were lost
"""


class DigitLabError(Exception):
    """Base of all errors whose message may be shown to the person as it is."""


class InvalidInput(DigitLabError):
    """Something from outside is not of the expected form."""


class UnreadableImage(InvalidInput):
    """A file or array is not a picture, or too large to open safely."""


class NothingDrawn(DigitLabError):
    """The picture holds no ink, so there is nothing to read."""


class DataUnavailable(DigitLabError):
    """The data set is not on this machine, or its file cannot be used."""


class ModelUnusable(DigitLabError):
    """The saved model is missing, damaged, or made by something else."""


class ModelExists(DigitLabError):
    """A model of this name is saved already; nothing was overwritten."""


class ModelProtected(DigitLabError):
    """The saved model must stay as it is; nothing was changed."""


class NotYourModel(ModelProtected):
    """The saved model is somebody else's, or nobody's; nothing was changed."""


class TrainingDiverged(DigitLabError):
    """The loss became NaN or infinite, and there is no network to keep."""


class NoSuchRun(DigitLabError):
    """There is no run of this name, or it belongs to somebody else."""


class UnreadableRun(NoSuchRun):
    """The run is there, but this version of Digit Lab does not understand it."""


class NoSuchSearch(DigitLabError):
    """There is no search of this name, it is somebody else's, or it is not understood."""


class PasswordRequired(DigitLabError):
    """On this server only whoever knows its password may do that; nothing was done."""


class LimitReached(InvalidInput):
    """The request exceeds what this server allows one run or one person."""


class DatabaseUnavailable(DigitLabError):
    """The database that keeps the runs cannot be opened, read or written."""


class LeaseLost(DatabaseUnavailable):
    """A run or search is not this server's any more, so nothing about it was written."""


class Abandoned(DigitLabError):
    """The work was stopped, or nobody waits for it any more."""


class WorkersUnavailable(DigitLabError):
    """No worker process can be reached to do the work."""
