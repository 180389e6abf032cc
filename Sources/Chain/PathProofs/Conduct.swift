package import CanonicalBytes

/// What a chain has recorded of one node in one epoch.
package struct Conduct: Sendable, Hashable {
    /// Units of good work.
    package var work: UInt32
    /// Slots that the node was assigned and let pass.
    package var missedSlots: UInt32
    /// Faults proven by signatures.
    package var faults: UInt32
    /// Whether the node asked to leave.
    package var isLeaving: Bool

    package init(work: UInt32 = 0, missedSlots: UInt32 = 0, faults: UInt32 = 0, isLeaving: Bool = false) {
        self.work = work
        self.missedSlots = missedSlots
        self.faults = faults
        self.isLeaving = isLeaving
    }

    /// Absences beyond its presences that make one missed slot.
    package static let absencesPerMiss: UInt32 = 10
    /// Missed slots of one epoch that absences make at most.
    package static let missesMax: UInt32 = 4

    /// Slots that a node let pass, by how often its list certified with it and without it.
    ///
    /// A certificate needs a threshold of its list, and whoever joins it may leave somebody out who has signed. So a node
    /// that is in half of them has missed nothing, and the worst epoch costs no more than ``missesMax`` slots.
    ///
    /// - Parameters:
    ///   - present: hops that were certified with the node.
    ///   - absent: hops that were certified without it.
    /// - Returns: 0 to ``missesMax``.
    package static func missedSlots(present: UInt32, absent: UInt32) -> UInt32 {
        guard absent > present else { return 0 }
        return min((absent - present) / Self.absencesPerMiss, Self.missesMax)
    }
}

/// The record of all nodes of one list in its epoch; it changes nothing until the epoch is over
/// (``VerificationNodeList/successor(after:candidates:)``).
///
/// Only counts matter: in which order things were recorded makes no difference.
package struct ConductBook: Sendable {
    /// Root of the list whose nodes are recorded.
    package let listRoot: [UInt8]
    private let names: [[UInt8]]
    private var conducts: [Conduct]

    /// An empty record.
    package init(of list: VerificationNodeList) {
        self.listRoot = list.root
        self.names = list.nodes.map { Array($0.name.utf8) }
        self.conducts = list.nodes.map { _ in Conduct() }
    }

    /// What is recorded of a node; nothing for strangers.
    package func conduct(of name: String) -> Conduct {
        self.place(of: name).map { self.conducts[$0] } ?? Conduct()
    }

    /// Adds to what is recorded of a node; counts that are full stay so.
    ///
    /// - Throws: `CONTEXT` for a name that the list does not have.
    package mutating func record(_ conduct: Conduct, of name: String) throws(ProtocolFailure) {
        guard let place = self.place(of: name) else {
            throw ProtocolFailure(.context, "conduct of a node that is not in the list")
        }
        let old = self.conducts[place]
        self.conducts[place] = Conduct(
            work: Self.sum(old.work, conduct.work),
            missedSlots: Self.sum(old.missedSlots, conduct.missedSlots),
            faults: Self.sum(old.faults, conduct.faults),
            isLeaving: old.isLeaving || conduct.isLeaving
        )
    }

    private func place(of name: String) -> Int? {
        self.names.firstIndex { $0.elementsEqual(name.utf8) }
    }

    private static func sum(_ a: UInt32, _ b: UInt32) -> UInt32 {
        let (sum, isOver) = a.addingReportingOverflow(b)
        return isOver ? .max : sum
    }
}
