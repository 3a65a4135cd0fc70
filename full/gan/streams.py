"""Standard streams that a long program can rely on: nothing that is printed can end it."""

import contextlib
import io
import os
import sys


def open_missing():
    """Let a stream that the process was started without (`>&-`) lead to nothing.

    Otherwise the next file that is opened gets the stream's number, and what libraries print.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 (gets the lowest free number: that one)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def keep_open():
    """Let the program go on when what it prints cannot be written any more, and print characters that stdout lacks.

    The reader may be gone (`| head -1`), the disk full, the terminal closed: a training is worth more than its
    output. Whoever replaced a stream (a notebook, pytest) keeps the own one.
    """
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        buffer = getattr(stream, "buffer", None)
        raw = getattr(buffer, "raw", buffer)
        if stream is not getattr(sys, f"__{name}__") or type(raw) is not io.FileIO or raw.fileno() != number:
            continue
        with contextlib.suppress(OSError):
            stream.flush()
        file = _File(number, "w", closefd=False)
        errors = stream.errors if stream.errors == "surrogateescape" else "backslashreplace"
        setattr(sys, name, io.TextIOWrapper(
            file if stream.write_through else io.BufferedWriter(file), encoding=stream.encoding, errors=errors,
            line_buffering=stream.line_buffering, write_through=stream.write_through))


class _File(io.FileIO):
    """A stream's file. When it cannot be written any more it says so once, and what follows is dropped."""

    def write(self, data):
        try:
            return super().write(data)
        except OSError as error:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.fileno())
            os.close(nothing)
            if self.fileno() != 2:
                with contextlib.suppress(OSError):
                    os.write(2, f"standard output cannot be written any more ({error.strerror}): the script goes on "
                                "without it\n".encode())
            return len(data)
