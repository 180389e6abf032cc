internal import CZstd
internal import Foundation

/// Compresses observation chunks by zstd (RFC 8878) with contexts that are made once.
///
/// Unchecked, because the contexts are C pointers; the lock makes sure that one thread uses them at a time.
final class ChunkCompressor: @unchecked Sendable {
    /// Level 1: FHIR JSON repeats itself, so that higher levels cost more than they save.
    private static let level: Int32 = 1

    private let lock = NSLock()
    private let compression: OpaquePointer
    private let decompression: OpaquePointer
    private var scratch: [UInt8] = []

    /// - Throws: ``SpoolError/unusable(_:)`` when memory is short.
    init() throws {
        guard let compression = ZSTD_createCCtx(), let decompression = ZSTD_createDCtx() else {
            throw SpoolError.unusable("no memory for the compressor")
        }
        self.compression = compression
        self.decompression = decompression
    }

    deinit {
        ZSTD_freeCCtx(self.compression)
        ZSTD_freeDCtx(self.decompression)
    }

    /// Compresses a slice and hands the result to `body`, in memory that is used again.
    func compress<T>(_ plain: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) throws -> T) throws -> T {
        self.lock.lock()
        defer { self.lock.unlock() }
        let bound = ZSTD_compressBound(plain.count)
        if self.scratch.count < bound { self.scratch = [UInt8](repeating: 0, count: bound) }
        let count = self.scratch.withUnsafeMutableBytes { output in
            plain.withUnsafeBytes { input in
                ZSTD_compressCCtx(
                    self.compression,
                    output.baseAddress,
                    output.count,
                    input.baseAddress,
                    input.count,
                    Self.level
                )
            }
        }
        guard ZSTD_isError(count) == 0 else { throw SpoolError.unusable("zstd cannot compress a chunk") }
        return try body(self.scratch[..<count])
    }

    /// Expands a chunk to exactly the given number of bytes; nil when it is not one.
    func decompress(_ bytes: [UInt8], count: Int) -> [UInt8]? {
        self.lock.lock()
        defer { self.lock.unlock() }
        let plain = [UInt8](unsafeUninitializedCapacity: count) { output, filled in
            let length = bytes.withUnsafeBytes { input in
                ZSTD_decompressDCtx(
                    self.decompression,
                    output.baseAddress,
                    output.count,
                    input.baseAddress,
                    input.count
                )
            }
            filled = ZSTD_isError(length) == 0 ? length : 0
        }
        return plain.count == count ? plain : nil
    }
}
