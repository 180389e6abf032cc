/// What a new view must start from, computed alike by everybody from the view changes in its opening.
///
/// Castro and Liskov, OSDI 1999, section 4.4, for a chain: start at the highest certified block that any view change
/// shows, walk upwards, and at each height repeat the block prepared in the highest view. Stop at the first height
/// where nobody prepared, or where that block does not follow from the one below: commits leave in the order of
/// heights, so such a block cannot have been committed.
package struct NewViewRule: Hashable, Sendable {
    /// The highest certified block.
    package let start: StablePoint
    /// The slots to propose again, from `start.height + 1` upwards without a gap; views are those of the certificates.
    package let repeated: [Slot]

    /// - Parameter viewChanges: a quorum, verified; never empty.
    package init(_ viewChanges: [ViewChange]) { self.init(viewChanges, broken: []) }

    init(_ viewChanges: [ViewChange], broken: BrokenRules) {
        var start = viewChanges[0].stable
        for viewChange in viewChanges where viewChange.stable.height > start.height { start = viewChange.stable }
        var repeated: [Slot] = []
        var parent = start.hash
        while let slot = Self.choice(start.height + UInt64(repeated.count) + 1, viewChanges, broken),
            slot.parent == parent
        {
            repeated.append(slot)
            parent = slot.block
        }
        self.start = start
        self.repeated = repeated
    }

    /// The slot of the highest view at this height.
    private static func choice(_ height: Height, _ viewChanges: [ViewChange], _ broken: BrokenRules) -> Slot? {
        var best: Slot?
        for viewChange in viewChanges {
            for certificate in viewChange.prepared where certificate.slot.height == height {
                let slot = certificate.slot
                guard let known = best else {
                    best = slot
                    continue
                }
                if broken.contains(.highestViewChosen) ? slot.view < known.view : slot.view > known.view {
                    best = slot
                }
            }
        }
        return best
    }

    /// The highest height that the view is bound to.
    package var lastRepeated: Height { self.start.height + UInt64(self.repeated.count) }

    /// The block that must stand at this height, or nil where the leader is free.
    package func required(at height: Height) -> Slot? {
        guard height > self.start.height, height <= self.lastRepeated else { return nil }
        return self.repeated[Int(height - self.start.height) - 1]
    }
}
