/// What waits on one identity's account.
@usableFromInline struct Lane: Sendable {
    @usableFromInline struct Place: Sendable {
        let id: [UInt8]
        let rank: UInt64
        let bytes: Int
        /// Counts arrivals at the pool.
        let number: UInt64

        @usableFromInline init(id: [UInt8], rank: UInt64, bytes: Int, number: UInt64) {
            self.id = id
            self.rank = rank
            self.bytes = bytes
            self.number = number
        }
    }

    let identity: [UInt8]
    /// Ascending by rank, then by arrival.
    @usableFromInline private(set) var places: [Place] = []
    @usableFromInline private(set) var bytes = 0
    /// Bytes that the identity's turns were worth and that it has not used.
    @usableFromInline var credit = 0

    @usableFromInline init(identity: [UInt8]) { self.identity = identity }

    @usableFromInline mutating func insert(_ place: Place) {
        // Nonces grow, so that the search ends at once.
        var index = self.places.count
        while index > 0, self.places[index - 1].rank > place.rank { index -= 1 }
        self.places.insert(place, at: index)
        self.bytes += place.bytes
    }

    @usableFromInline mutating func remove(_ id: [UInt8]) {
        guard let index = self.places.firstIndex(where: { $0.id == id }) else { return }
        self.bytes -= self.places.remove(at: index).bytes
    }

    /// The ids of a rank, in the order of their arrival.
    @usableFromInline func ids(of rank: UInt64) -> [[UInt8]] {
        var (low, high) = (0, self.places.count)
        while low < high {
            let middle = (low + high) / 2
            if self.places[middle].rank < rank { low = middle + 1 } else { high = middle }
        }
        return self.places[low...].prefix { $0.rank == rank }.map(\.id)
    }
}
