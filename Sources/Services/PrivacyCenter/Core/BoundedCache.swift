internal import Records
internal import Synchronization

/// Values by digest, the recently used ones; memory is bounded.
///
/// Two generations instead of a list in order of use: a hit in the old one moves the value to the young one, and when
/// that is full the old one is dropped whole.
final class BoundedCache<Value: Sendable>: Sendable {
    private struct Generations: Sendable {
        var young: [Digest: Value] = [:]
        var old: [Digest: Value] = [:]
    }

    private let generations = Mutex(Generations())
    private let generationMax: Int

    /// - Parameter entriesMax: values that are kept at most.
    init(entriesMax: Int) { self.generationMax = max(1, entriesMax / 2) }

    subscript(digest: Digest) -> Value? {
        self.generations.withLock { generations in
            if let value = generations.young[digest] { return value }
            guard let value = generations.old[digest] else { return nil }
            self.insert(value, digest, &generations)
            return value
        }
    }

    func insert(_ value: Value, for digest: Digest) {
        self.generations.withLock { self.insert(value, digest, &$0) }
    }

    /// Values that are kept.
    var count: Int { self.generations.withLock { Set($0.young.keys).union($0.old.keys).count } }

    private func insert(_ value: Value, _ digest: Digest, _ generations: inout Generations) {
        if generations.young.count >= self.generationMax {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[digest] = value
    }
}
