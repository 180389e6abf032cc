/// Everything that will happen, in the order of virtual time; equal times in the order of their scheduling.
struct EventQueue<Happening>: Sendable where Happening: Sendable {
    private struct Entry: Sendable {
        let time: UInt64
        let number: UInt64
        let happening: Happening

        func isBefore(_ other: Entry) -> Bool { (self.time, self.number) < (other.time, other.number) }
    }

    private var heap: [Entry] = []
    private var scheduled: UInt64 = 0

    var nextTime: UInt64? { self.heap.first?.time }

    mutating func schedule(_ happening: Happening, at time: UInt64) {
        self.scheduled += 1
        self.heap.append(Entry(time: time, number: self.scheduled, happening: happening))
        var child = self.heap.count - 1
        while child > 0, self.heap[child].isBefore(self.heap[(child - 1) / 2]) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (time: UInt64, happening: Happening)? {
        guard let first = self.heap.first else { return nil }
        let last = self.heap.removeLast()
        if !self.heap.isEmpty {
            self.heap[0] = last
            self.sink()
        }
        return (first.time, first.happening)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [parent * 2 + 1, parent * 2 + 2]
            where child < self.heap.count && self.heap[child].isBefore(self.heap[least]) { least = child }
            guard least != parent else { return }
            self.heap.swapAt(parent, least)
            parent = least
        }
    }
}
