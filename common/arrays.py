"""Array types, named by the numbers that they hold; what the rows and columns are stands where they are used."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
AnyFloat = NDArray[np.floating[Any]]
Bool = NDArray[np.bool_]
UInt8 = NDArray[np.uint8]
UInt64 = NDArray[np.uint64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Index = NDArray[np.intp]
Bytes = NDArray[np.void]  # of one length
