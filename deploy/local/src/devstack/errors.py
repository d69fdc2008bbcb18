"""What stops the local stack, told as one sentence a person can act on."""


class StackError(Exception):
    """Ends the command; the message is the whole explanation and says what to do."""


class ServerUnavailable(StackError):
    """This machine cannot give the server asked for; another way of getting one may be tried."""
