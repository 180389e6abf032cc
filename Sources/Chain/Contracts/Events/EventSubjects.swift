internal import CanonicalBytes
package import Certificates
package import IBTP
package import Ledger
internal import Transcripts

/// What events are found by: values of 32 bytes.
///
/// Identifiers and digests that an event names stand for themselves; words, parties and topics for a hash of them.
package enum EventSubjects {
    /// Under which the events of a topic as a whole are found, for the topics of ``foundByTopic``.
    package static func topic(_ topic: String) -> [UInt8] { TaggedHash.digest("SUBJECT-TOPIC", Array(topic.utf8)) }

    /// Under which an organization's requests, permissions and emergencies, and offers to it, are found.
    package static func organization(_ word: String) -> [UInt8] {
        TaggedHash.digest("SUBJECT-ORGANIZATION", Array(word.utf8))
    }

    /// Under which offers to a party are found.
    package static func party(_ name: PartyName) -> [UInt8] {
        TaggedHash.digest("SUBJECT-PARTY", Array(name.description.utf8))
    }

    /// Under which offers to holders of an attribute, `name:value`, are found.
    package static func attribute(_ text: String) -> [UInt8] {
        TaggedHash.digest("SUBJECT-ATTRIBUTE", Array(text.utf8))
    }

    /// Under which what is said of an exchange between chains is found, its leaves included.
    package static func exchange(_ id: MessageID) -> [UInt8] {
        TaggedHash.digest("SUBJECT-EXCHANGE", Array(id.description.utf8))
    }

    /// Topics whose events are rare, or each of them is sought, by those who do not know their names.
    package static let foundByTopic = [
        "access.trace-ordered", "index.dataset-published", "index.dataset-withdrawn", "interchain.out",
        "interchain.received", "interchain.timeout", "registry.attribute-key", "relay.list", "sharing.fault",
    ]

    /// The subjects of an event, each once; none for an event of another topic or form.
    package static func subjects(of event: ContractEvent) -> [[UInt8]] {
        var subjects: [[UInt8]] = []
        if self.foundByTopic.contains(where: { $0.isSame(as: event.topic) }) {
            subjects.append(self.topic(event.topic))
        }
        let named = self.named(in: event).filter { $0.count == 32 && $0 != self.nothing }
        // Most events name one or two.
        guard named.count > 4 else {
            for subject in named where !subjects.contains(subject) { subjects.append(subject) }
            return subjects
        }
        var known = Set(subjects.map { ByteKey($0) })
        for subject in named where known.insert(ByteKey(subject)).inserted { subjects.append(subject) }
        return subjects
    }

    private static let nothing = [UInt8](repeating: 0, count: 32)

    private static func named(in event: ContractEvent) -> [[UInt8]] {
        let data = event.data
        switch event.topic {
        case "index.anchored": return self.read(AnchorEntered.self, data) { $0.scopes }
        case "index.dataset-published", "index.dataset-withdrawn", "index.scope-writers", "index.wrapped",
            "zk.policy", "zk.policy-withdrawn", "registry.registered", "sharing.permission-revoked":
            return [Array(data.prefix(32))]
        case "registry.attribute-key", "zk.proven": return [Array(data.prefix(32))]
        default:
            if event.topic.utf8.starts(with: "interchain.".utf8) { return self.interchain(event) }
            if event.topic.utf8.starts(with: "relay.".utf8) { return self.relay(event) }
            return event.topic.utf8.starts(with: "access.".utf8) ? self.access(event) : self.sharing(event)
        }
    }

    private static func access(_ event: ContractEvent) -> [[UInt8]] {
        let data = event.data
        if let change = ConsentChange(topic: event.topic, data: data) {
            let grantees = self.read(AccessOffered.self, data) { [self.subject(of: $0.grantee)] }
            return [change.id] + change.scopes + (event.topic.isSame(as: AccessOffered.topic) ? grantees : [])
        }
        switch event.topic {
        case AccessRequested.topic:
            return self.read(AccessRequested.self, data) {
                [$0.request, $0.scope, $0.requester, self.organization($0.organization)]
            }
        case Permission.topic:
            return self.read(Permission.self, data) {
                [$0.id, $0.request, $0.scope, $0.requester]
                    + ($0.kind == .offered ? [$0.basis] : []) + [self.organization($0.organization)]
            }
        case AccessDenied.topic: return self.read(AccessDenied.self, data) { [$0.request, $0.scope, $0.requester] }
        case PermissionRevoked.topic:
            return self.read(PermissionRevoked.self, data) { [$0.permission, $0.request, $0.scope, $0.requester] }
        case EmergencyDeclared.topic:
            return self.read(EmergencyDeclared.self, data) {
                [$0.permission, $0.scope, $0.requester, self.organization($0.organization)]
            }
        case "access.scope-holder":
            guard let arguments = try? SetScopeHolder(bytes: data) else { return [] }
            return arguments.scopes + [self.party(arguments.holder)]
        case TraceOrdered.topic:
            return self.read(TraceOrdered.self, data) { [$0.arguments.order, $0.arguments.certificate] }
        case TraceAnswered.topic: return self.read(TraceAnswered.self, data) { [$0.order, $0.certificate] }
        default: return []
        }
    }

    private static func sharing(_ event: ContractEvent) -> [[UInt8]] {
        let data = event.data
        switch event.topic {
        case GrantRecorded.topic:
            return self.read(GrantRecorded.self, data) { [$0.grant] + self.subjects(of: ShareSubject($0.record)) }
        case GrantRevoked.topic:
            return self.read(GrantRevoked.self, data) { [$0.grant] + self.subjects(of: $0.subject) }
        case DeliveryRecorded.topic:
            return self.read(DeliveryRecorded.self, data) {
                [$0.delivery, $0.arguments.grant] + self.subjects(of: $0.subject)
            }
        case DeliveryAcknowledged.topic:
            return self.read(DeliveryAcknowledged.self, data) {
                [$0.arguments.delivery, $0.grant] + self.subjects(of: $0.subject)
            }
        case ConsentsBrought.topic: return self.read(ConsentsBrought.self, data) { [$0.scope] }
        case ShareRefused.topic: return self.read(ShareRefused.self, data) { [$0.permission] }
        case FaultReported.topic:
            return self.read(FaultReported.self, data) {
                [$0.arguments.permission, $0.grant, $0.scope, $0.receiver]
            }
        default: return []
        }
    }

    private static func interchain(_ event: ContractEvent) -> [[UInt8]] {
        let data = event.data
        switch event.topic {
        case OutboundTree.out.topic, OutboundTree.timeout.topic:
            switch try? OutboundLeaf(bytes: data) {
            case .message(let message): return (try? message.id).map { [self.exchange($0)] } ?? []
            case .notice(let notice): return [self.exchange(notice.id)]
            case nil: return []
            }
        case ExchangeReceived.topic:
            return self.read(ExchangeReceived.self, data) { [self.exchange($0.id), $0.share] }
        case ExchangeUndone.topic:
            return self.read(ExchangeUndone.self, data) { [self.exchange($0.id), $0.permission] }
        case ExchangeClosed.topic: return self.read(ExchangeClosed.self, data) { [self.exchange($0.id)] }
        case DeliveryTold.topic: return self.read(DeliveryTold.self, data) { [$0.delivery, self.exchange($0.share)] }
        default: return []
        }
    }

    private static func relay(_ event: ContractEvent) -> [[UInt8]] {
        let data = event.data
        switch event.topic {
        case ExchangeTaken.topic: return self.read(ExchangeTaken.self, data) { [self.exchange($0.id)] }
        case ExchangeContradicted.topic: return self.read(ExchangeContradicted.self, data) { [self.exchange($0.id)] }
        case EscrowRefunded.topic: return self.read(EscrowRefunded.self, data) { [self.exchange($0.id)] }
        case NodesConvicted.topic: return self.read(NodesConvicted.self, data) { [self.exchange($0.id)] }
        default: return []
        }
    }

    private static func subjects(of share: ShareSubject) -> [[UInt8]] {
        [share.permission, share.scope, share.receiver]
    }

    private static func subject(of grantee: Grantee) -> [UInt8] {
        switch grantee {
        case .party(let name): self.party(name)
        case .organization(let word): self.organization(word)
        case .attribute(let text): self.attribute(text)
        case .certificate(let digest): digest
        }
    }

    private static func read<Event: EventRecord>(
        _ type: Event.Type,
        _ data: [UInt8],
        _ subjects: (Event) -> [[UInt8]]
    ) -> [[UInt8]] {
        (try? Event(bytes: data)).map(subjects) ?? []
    }
}
