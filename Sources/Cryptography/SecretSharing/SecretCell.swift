internal import Glibc

/// Memory of one secret value, wiped when the last user lets go of it.
package final class SecretCell<Value: Sendable>: @unchecked Sendable {
    private let memory = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    /// - Precondition: the value is all of its bytes; it refers to no other memory.
    package init(_ value: Value) {
        precondition(_isPOD(Value.self))
        self.memory.initialize(to: value)
    }

    /// Lends the value; the copy is wiped afterwards.
    package func withValue<Result, Failure: Error>(
        _ use: (Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var copy = self.memory.pointee
        defer { wipeBytes(of: &copy) }
        return try use(copy)
    }

    deinit {
        wipeBytes(of: &self.memory.pointee)
        self.memory.deallocate()
    }
}

/// Overwrites a value that is all of its bytes; the compiler may not leave this out.
///
/// Only this copy is reached.
package func wipeBytes<Value>(of value: inout Value) {
    withUnsafeMutableBytes(of: &value) { bytes in
        guard let start = bytes.baseAddress else { return }
        explicit_bzero(start, bytes.count)
    }
}
