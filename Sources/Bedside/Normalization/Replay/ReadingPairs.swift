/// Which reading of a message under one profile is which under another.
enum ReadingPairs {
    /// What a reading is recognised by.
    struct Key: Sendable {
        let readingID: String
        let concept: String
        let measurement: [UInt8]
        let isWithdrawn: Bool

        init(_ observation: WrittenObservation) {
            self.readingID = observation.readingID
            self.concept = observation.concept + "|" + (observation.channel ?? "")
            self.measurement = observation.measurement
            self.isWithdrawn = observation.isWithdrawn
        }
    }

    /// For each new reading the index of the old one that it stands for; nil for one without.
    ///
    /// Every old one is given at most once. Messages have few readings; a thousand take milliseconds.
    static func partners(of new: [Key], among old: [Key]) -> [Int?] {
        var partners = [Int?](repeating: nil, count: new.count)
        var isTaken = [Bool](repeating: false, count: old.count)
        func take(_ index: Int, for reading: Int) {
            partners[reading] = index
            isTaken[index] = true
        }
        for isSame in [
            { (new: Key, old: Key) in new.readingID == old.readingID },
            { (new: Key, old: Key) in !old.isWithdrawn && new.concept == old.concept },
            { (new: Key, old: Key) in new.concept == old.concept },
            { (new: Key, old: Key) in !old.isWithdrawn && new.measurement == old.measurement },
        ] {
            for reading in new.indices where partners[reading] == nil {
                let found = old.indices.first { !isTaken[$0] && isSame(new[reading], old[$0]) }
                if let found { take(found, for: reading) }
            }
        }
        let leftNew = new.indices.filter { partners[$0] == nil }
        let leftOld = old.indices.filter { !isTaken[$0] && !old[$0].isWithdrawn }
        guard leftNew.count == leftOld.count else { return partners }
        for (reading, index) in zip(leftNew, leftOld) { take(index, for: reading) }
        return partners
    }
}
