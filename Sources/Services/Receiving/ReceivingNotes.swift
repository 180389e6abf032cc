internal import Records
internal import Signcryption
internal import Synchronization

/// What batches that are worked on at the same time have in common.
final class ReceivingNotes: Sendable {
    struct SenderSequence: Hashable {
        let sender: String
        let sequence: UInt64
    }

    private struct State {
        var faults: [CenterFault] = []
        var senders: [Digest: CertifiedKey] = [:]
        var sequences: [SenderSequence: Digest] = [:]
        var passedOver: [Digest] = []
    }

    /// Faults that are remembered; a center that lies about each envelope is known after the first ones.
    private static let faultsMax = 256

    private let state = Mutex(State())

    var faults: [CenterFault] { self.state.withLock { $0.faults } }

    /// Each kind of fault of a center once for the same reason.
    func note(_ fault: CenterFault) {
        self.state.withLock { state in
            let isKnown = state.faults.contains {
                $0.center.utf8.elementsEqual(fault.center.utf8) && $0.why.utf8.elementsEqual(fault.why.utf8)
                    && $0.lie == fault.lie
            }
            if !isKnown, state.faults.count < Self.faultsMax { state.faults.append(fault) }
        }
    }

    func sender(_ digest: Digest) -> CertifiedKey? { self.state.withLock { $0.senders[digest] } }

    func keep(_ key: CertifiedKey, _ digest: Digest) { self.state.withLock { $0.senders[digest] = key } }

    /// Notes an envelope's number.
    ///
    /// - Returns: false when another envelope of the sender has it.
    func claim(_ sequence: SenderSequence, for h1: Digest) -> Bool {
        self.state.withLock { state in
            guard let known = state.sequences[sequence] else {
                state.sequences[sequence] = h1
                return true
            }
            return known == h1
        }
    }

    func passOver(_ h1: Digest) {
        self.state.withLock { state in
            if !state.passedOver.contains(h1) { state.passedOver.append(h1) }
        }
    }

    var passedOver: [Digest] { self.state.withLock { $0.passedOver } }

    func forgetPassedOver() { self.state.withLock { $0.passedOver = [] } }
}
