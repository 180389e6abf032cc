internal import Dispatch

/// Work that is spread over all cores.
package enum Cores {
    /// Results of independent tasks, in the order of their numbers.
    package static func map<Result: Sendable>(_ count: Int, _ task: @Sendable (Int) -> Result) -> [Result] {
        guard count > 1 else { return (0..<count).map(task) }
        return [Result](unsafeUninitializedCapacity: count) { buffer, filled in
            // Every task initializes its own element.
            nonisolated(unsafe) let results = buffer
            DispatchQueue.concurrentPerform(iterations: count) { index in
                results.initializeElement(at: index, to: task(index))
            }
            filled = count
        }
    }

    /// Results for consecutive ranges of at most `size` numbers that together are `0..<count`, joined.
    package static func flatMap<Result: Sendable>(
        _ count: Int,
        size: Int,
        _ task: @Sendable (Range<Int>) -> [Result]
    ) -> [Result] {
        let parts = self.map((count + size - 1) / size) { part in
            task(part * size..<min(count, (part + 1) * size))
        }
        return parts.count == 1 ? parts[0] : Array(parts.joined())
    }
}
