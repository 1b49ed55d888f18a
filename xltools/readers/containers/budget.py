"""What unpacking one file may cost, all its layers together."""

import io
from collections.abc import Callable
from typing import Final

from xltools.model.errors import ReadError
from xltools.model.limits import MB, limits, over
from xltools.readers.package import RATIO_FROM

_CHUNK: Final = 1 << 18


class SpentError(Exception):
    """A limit of the whole file is passed: nothing more of it is read. ``told``: the refusal."""

    def __init__(self, told: ReadError) -> None:
        self.told = told
        super().__init__(told.code, told.detail)


class Budget:
    """Counts what is unpacked. Every method raises at the first byte or file too many."""

    def __init__(self) -> None:
        self.size = self.documents = self.ignored = 0

    def take(self, count: int) -> None:
        """Bytes were unpacked. Raises SpentError."""
        self.size += count
        if self.size > limits().unpacked * MB:
            raise SpentError(over("unpacked", f"解压后的总大小已到 {self.size // MB} MB"))

    def document(self) -> None:
        """A document was found. Raises SpentError."""
        self.documents += 1
        if self.documents > limits().members:
            raise SpentError(over("members", f"文件数已到 {self.documents} 个"))

    def leftover(self) -> None:
        """Something was found that is no document. Raises SpentError."""
        self.ignored += 1
        if self.ignored > limits().entries:
            raise SpentError(over("entries", f"不是报送表的项已到 {self.ignored} 项"))

    def weigh(self, size: int, packed: int) -> None:
        """Something of this size, as it says, is to be unpacked. Raises ReadError F-05, or
        SpentError when the whole would be too large.
        """
        self._weigh(size, packed)
        if self.size + size > limits().unpacked * MB:
            raise SpentError(over("unpacked", f"解压后的总大小为 {(self.size + size) // MB} MB"))

    def gather(self, read: Callable[[int], bytes], packed: int) -> bytes:
        """All that ``read`` gives by the piece, however long it says that it is.

        Raises as ``weigh``, and what ``read`` raises.
        """
        whole = io.BytesIO()
        while piece := read(_CHUNK):
            self.take(len(piece))
            self._weigh(whole.tell() + len(piece), packed)
            whole.write(piece)
        return whole.getvalue()

    @staticmethod
    def _weigh(size: int, packed: int) -> None:
        if size > limits().part * MB:
            raise over("part", f"其中一项解压后 {size // MB} MB")
        if size > RATIO_FROM and size > limits().ratio * packed:
            raise over("ratio", f"其中一项解压后是原来的 {size // max(packed, 1)} 倍")
