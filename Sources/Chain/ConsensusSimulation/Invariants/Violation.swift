/// A property of the protocol that a run broke.
package struct Violation: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Invariant: String, Hashable, Sendable, CaseIterable {
        /// Two correct validators committed different blocks at one height, or two were certified.
        case agreement
        /// A committed block is not valid: unknown or repeated transactions, wrong parent, wrong root.
        case validity
        /// A validator's chain has a gap or does not hang together.
        case gap
        /// A certificate that an independent check refuses.
        case certificate
        /// A vote left a correct validator before it was durable.
        case durability
        /// A correct validator contradicted itself, before or after a crash.
        case contradiction
        /// A correct validator voted in a view that it had left.
        case leftView = "left-view"
        /// A correct validator voted for another block than the decided one.
        case decided
        /// Commits out of the order of heights, or a vote outside the window or past a change of membership.
        case order
        /// Evidence against a correct validator, or evidence that does not hold.
        case framing
        /// A correct validator went to a view that no correct one had reason to want.
        case viewJump = "view-jump"
        /// After the calm something that was accepted did not get committed everywhere in time.
        case liveness
        /// What a scenario promises besides.
        case scenario
    }

    package let invariant: Invariant
    package let detail: String
    /// Microseconds of virtual time.
    package let time: UInt64

    package var description: String { "\(self.invariant.rawValue) at \(self.time / 1_000) ms: \(self.detail)" }
}
