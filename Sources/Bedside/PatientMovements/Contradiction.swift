/// Messages that cannot all be true; what follows from them is never that a reading goes to the wrong patient.
package struct Contradiction: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Two patients are said to be in one bed: it belongs to nobody as long as both are.
        case bedTakenTwice = "bed-taken-twice"
        /// Admitted while she is in another bed; she is taken to be where she was admitted last.
        case admittedTwice = "admitted-twice"
        /// Moved out of a bed in which she was not known to be; she is taken to be where she was moved to.
        case movedFromAnotherBed = "moved-from-another-bed"
        /// Moved after her discharge: she stays discharged.
        case movedAfterDischarge = "moved-after-discharge"
        /// A08 names another bed; she is taken to be there from its time on.
        case movedByUpdate = "moved-by-update"
        /// Discharged from a bed in which she was not known to be; she is discharged all the same.
        case dischargedFromAnotherBed = "discharged-from-another-bed"
        /// Discharged from her bed under another visit's number; she is discharged all the same.
        case dischargedByAnotherVisit = "discharged-by-another-visit"
        /// Discharged without having been there, as happens when the agent has begun to listen later.
        case dischargedUnknown = "discharged-unknown"
        /// There is nothing that this message could cancel (any more, or yet).
        case nothingToCancel = "nothing-to-cancel"
        /// A cancelled transfer puts her into another bed than the one before it; she is taken to be there.
        case cancelNamesAnotherBed = "cancel-names-another-bed"
        /// Two numbers are one patient's, and lie in two beds; she is taken to be where she came last.
        case mergedInTwoBeds = "merged-in-two-beds"
    }

    package let kind: Kind
    /// The patients' pseudonyms; two for a bed that is taken twice.
    package let patients: [String]
    /// The bed that it is about, where there is one.
    package let bed: String?
    /// When it begins, ms since 1970.
    package let time: Int64
    /// When it ends, where it has a length.
    package let end: Int64?

    init(_ kind: Kind, patients: [String], bed: String?, time: Int64, end: Int64? = nil) {
        self.kind = kind
        self.patients = patients
        self.bed = bed
        self.time = time
        self.end = end
    }
}
