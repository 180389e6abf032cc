@preconcurrency internal import Glibc

/// The system calls whose failure decides about durability, so that tests can let them fail.
package struct DiskCalls: Sendable {
    /// `pwrite(2)`: descriptor, bytes, offset; the bytes written or -1 with `errno`.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int
    /// `fdatasync(2)`.
    package var synchronize: @Sendable (Int32) -> Int32
    /// `posix_fallocate(3)`: descriptor, offset, count; 0 or the error's number.
    package var reserve: @Sendable (Int32, Int, Int) -> Int32

    /// The operating system's.
    package static let system = DiskCalls(
        write: { pwrite($0, $1.baseAddress, $1.count, $2) },
        synchronize: { fdatasync($0) },
        reserve: { posix_fallocate($0, $1, $2) }
    )

    package init(
        write: @escaping @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int,
        synchronize: @escaping @Sendable (Int32) -> Int32,
        reserve: @escaping @Sendable (Int32, Int, Int) -> Int32
    ) {
        self.write = write
        self.synchronize = synchronize
        self.reserve = reserve
    }
}
