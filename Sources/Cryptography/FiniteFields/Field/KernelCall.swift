// Calls of the C kernels by value.

/// The value that a kernel computes from one.
@inlinable
@inline(__always)
package func kernel<Value>(
    _ a: Value,
    _ function: (UnsafeMutablePointer<Value>, UnsafePointer<Value>) -> Void
) -> Value {
    var result = a
    withUnsafePointer(to: a) { a in withUnsafeMutablePointer(to: &result) { function($0, a) } }
    return result
}

/// The value that a kernel computes from two.
@inlinable
@inline(__always)
package func kernel<Value, Other>(
    _ a: Value,
    _ b: Other,
    _ function: (UnsafeMutablePointer<Value>, UnsafePointer<Value>, UnsafePointer<Other>) -> Void
) -> Value {
    var result = a
    withUnsafePointer(to: a) { a in
        withUnsafePointer(to: b) { b in
            withUnsafeMutablePointer(to: &result) { function($0, a, b) }
        }
    }
    return result
}

/// Whether two values of limbs are equal, in time that does not depend on where they differ.
@inline(__always)
func equalLimbs<Value: BitwiseCopyable>(_ a: Value, _ b: Value) -> Bool {
    withUnsafeBytes(of: a) { a in
        withUnsafeBytes(of: b) { b in
            var difference: UInt64 = 0
            for offset in stride(from: 0, to: MemoryLayout<Value>.size, by: 8) {
                difference |=
                    a.load(fromByteOffset: offset, as: UInt64.self) ^ b.load(fromByteOffset: offset, as: UInt64.self)
            }
            return difference == 0
        }
    }
}
