import CanonicalBytes
import Certificates
import IBTP
import Ledger
import Testing

@testable import Contracts

@Suite("Subjects of events") struct EventSubjectTests {
    private static let party = "north:steward:s1"

    private static func permission(_ kind: Permission.Kind) throws -> Permission {
        let request = RequestAccess(
            request: id(1),
            scope: id(2),
            policy: id(3),
            organization: "north",
            purpose: "TREAT",
            nonce: id(4),
            expires: 5
        )
        return Permission(
            AccessRequest(request, requester: id(6), name: "", time: 1),
            Permission.Decision(
                decider: try #require(PartyName(Self.party)),
                validUntil: 9,
                kind: kind,
                basis: kind == .offered ? id(7) : Permission.noBasis
            ),
            chain: [1],
            at: 2
        )
    }

    private static func event(_ event: some EventRecord) -> ContractEvent {
        ContractEvent(topic: type(of: event).topic, data: event.bytes)
    }

    private static func raw(_ topic: String, _ data: [UInt8]) -> ContractEvent {
        ContractEvent(topic: topic, data: data)
    }

    private static func expectations() throws -> [(ContractEvent, [[UInt8]])] {
        let party = try #require(PartyName(Self.party))
        let patient = try #require(PartyName("north:patient:p1"))
        let north = EventSubjects.organization("north")
        let (decided, offered) = (try Self.permission(.decided), try Self.permission(.offered))
        let change = ConsentChange(id: id(1), author: patient, scopes: [id(2), id(3)])
        let order = OrderTrace(order: id(1), certificate: id(2), reason: .court, statement: id(3))
        let answered = TraceAnswered(order: id(1), certificate: id(2), evidence: id(3), party: party, isComplete: true)
        let center = try #require(PartyName("east:privacy-center:p1"))
        let fault = RecordFault(permission: decided.id, accused: center, kind: .missing, evidence: id(9))
        return [
            (
                Self.event(AccessRequested(request: id(1), scope: id(2), requester: id(3), organization: "north")),
                [id(1), id(2), id(3), north]
            ), (Self.event(decided), [decided.id, id(1), id(2), id(6), north]),
            (Self.event(offered), [offered.id, id(1), id(2), id(6), id(7), north]),
            (
                Self.event(AccessDenied(request: id(1), scope: id(2), requester: id(3), party: party)),
                [id(1), id(2), id(3)]
            ), (Self.event(PermissionRevoked(decided, by: party)), [decided.id, id(1), id(2), id(6)]),
            (Self.event(EmergencyDeclared(decided, reason: .life)), [decided.id, id(2), id(6), north]),
            (Self.event(ConsentSet(change, mode: .forbid)), [id(1), id(2), id(3)]),
            (Self.event(ConsentWithdrawn(change)), [id(1), id(2), id(3)]),
            (
                Self.event(AccessOffered(change, to: .party(party))),
                [id(1), id(2), id(3), EventSubjects.party(party)]
            ), (Self.event(AccessOffered(change, to: .organization("north"))), [id(1), id(2), id(3), north]),
            (
                Self.event(AccessOffered(change, to: .attribute("study:x"))),
                [id(1), id(2), id(3), EventSubjects.attribute("study:x")]
            ), (Self.event(AccessOffered(change, to: .certificate(id(8)))), [id(1), id(2), id(3), id(8)]),
            (Self.event(OfferWithdrawn(change)), [id(1), id(2), id(3)]),
            (Self.event(ScopesLabelled(change)), [id(1), id(2), id(3)]),
            (
                Self.raw("access.scope-holder", SetScopeHolder(holder: patient, scopes: [id(1), id(2)]).bytes),
                [id(1), id(2), EventSubjects.party(patient)]
            ),
            (
                Self.event(TraceOrdered(order, by: party)),
                [EventSubjects.topic("access.trace-ordered"), id(1), id(2)]
            ), (Self.event(answered), [id(1), id(2)]),
            (Self.raw("zk.policy", id(1) + id(2) + [1]), [id(1)]),
            // A policy for all scopes is of none of them.
            (Self.raw("zk.policy", id(0) + id(2) + [1]), []), (Self.raw("zk.proven", id(1) + id(2) + id(3)), [id(1)]),
            (Self.raw("registry.registered", id(1) + [1]), [id(1)]),
            (
                Self.raw("registry.attribute-key", id(1) + [1]),
                [EventSubjects.topic("registry.attribute-key"), id(1)]
            ), (Self.raw("index.wrapped", id(1) + [1]), [id(1)]), (Self.raw("index.scope-writers", id(1)), [id(1)]),
            (
                Self.raw("index.dataset-published", id(1)),
                [EventSubjects.topic("index.dataset-published"), id(1)]
            ), (Self.raw("sharing.permission-revoked", id(1)), [id(1)]),
            (Self.event(ConsentsBrought(organization: "north", scope: id(1), height: 2)), [id(1)]),
            (Self.event(ShareRefused(permission: id(1), step: .grant, party: party, code: "x")), [id(1)]),
        ] + (try Self.shareExpectations(decided, fault))
    }

    private static func shareExpectations(
        _ permission: Permission,
        _ fault: RecordFault
    ) throws -> [(ContractEvent, [[UInt8]])] {
        let party = try #require(PartyName(Self.party))
        let access = try Consortium()
        try access.call(Register(), by: "north:gateway:g1")
        let arguments = RecordGrant(
            grant: id(10),
            scope: id(2),
            permission: permission.id,
            notBefore: 1,
            notAfter: 2,
            proof: try access.access.blocks[0].proof()
        )
        let grant = Grant(arguments, permission, height: 1, permitted: 1)
        let share = [permission.id, id(2), id(6)]
        let delivery = RecordDelivery(grant: id(10), list: id(11), count: 1, receiver: id(6), parts: 1)
        let acknowledgement = AcknowledgeDelivery(delivery: id(12), outcome: .complete)
        return [
            (Self.event(GrantRecorded(id(10), grant)), [id(10)] + share),
            (Self.event(GrantRevoked(id(10), grant)), [id(10)] + share),
            (Self.event(DeliveryRecorded(id(12), delivery, under: grant, by: party)), [id(12), id(10)] + share),
            (Self.event(DeliveryAcknowledged(acknowledgement, under: id(10), grant)), [id(12), id(10)] + share),
            (
                Self.event(FaultReported(fault, under: id(10), grant)),
                [EventSubjects.topic("sharing.fault"), permission.id, id(10), id(2), id(6)]
            ),
        ]
    }

    @Test("an event is found by everything that it names, once")
    func subjects() throws {
        for (event, expected) in try Self.expectations() {
            #expect(EventSubjects.subjects(of: event) == expected, "\(event.topic)")
        }
    }

    @Test("what is said of an exchange between chains is found by its identifier, leaves included")
    func exchanges() throws {
        let exchange = try MessageID("hub:alpha:share-hub:bravo:share-1")
        let (subject, topic) = (EventSubjects.exchange(exchange), EventSubjects.topic)
        let message = InterchainMessage(from: "hub:alpha:share", to: "hub:bravo:share", index: 1)
        let notice = ExchangeNotice(
            side: .source,
            status: .beginRollback,
            id: exchange,
            requestHash: id(1),
            message: nil
        )
        let expectations: [(ContractEvent, [[UInt8]])] = [
            (Self.raw("interchain.out", OutboundLeaf.message(message).bytes), [topic("interchain.out"), subject]),
            (
                Self.raw("interchain.timeout", OutboundLeaf.notice(notice).bytes),
                [topic("interchain.timeout"), subject]
            ), (Self.raw("interchain.out", [1, 2]), [topic("interchain.out")]),
            (
                Self.event(ExchangeReceived(id: exchange, share: id(1))),
                [topic("interchain.received"), subject, id(1)]
            ),
            (Self.event(ExchangeUndone(id: exchange, permission: id(2))), [subject, id(2)]),
            (Self.event(ExchangeClosed(id: exchange, status: .success, payload: [])), [subject]),
            (Self.event(DeliveryTold(delivery: id(3), share: exchange)), [id(3), subject]),
            (Self.event(ExchangeTaken(id: exchange, type: .interchain, status: .begin)), [subject]),
            (Self.event(ExchangeContradicted(id: exchange, first: id(4), second: id(5))), [subject]),
            (Self.event(EscrowRefunded(id: exchange, reward: 1, refund: 2)), [subject]),
            (Self.event(NodesConvicted(chain: "alpha", id: exchange, nodes: ["a", "b"])), [subject]),
            (Self.raw("relay.list", [1]), [topic("relay.list")]), (Self.raw("relay.taken", [1]), []),
        ]
        for (event, expected) in expectations {
            #expect(EventSubjects.subjects(of: event) == expected, "\(event.topic)")
        }
    }

    @Test("an anchor is found by each of its scopes")
    func anchor() throws {
        let anchor = Anchor(
            chain: [1],
            gateway: try #require(PartyName("north:gateway:g1")),
            certificate: id(1),
            window: 2,
            root: id(3),
            count: 4,
            createdMin: 5,
            createdMax: 6,
            pages: [7, 8].map { Anchor.Page(scope: id($0), page: []) }
        )
        #expect(EventSubjects.subjects(of: Self.event(AnchorEntered(anchor, marks: []))) == [id(7), id(8)])
    }

    @Test("events of other topics, and damaged ones, have no subjects")
    func nothing() throws {
        let events = [
            Self.raw("chain.committee", id(1)), Self.raw("access.requested", id(1)), Self.raw("access.nothing", id(1)),
            Self.raw("sharing.granted", []), Self.raw("zk.policy", [1, 2]), Self.raw("", id(1)),
        ]
        for event in events { #expect(EventSubjects.subjects(of: event).isEmpty) }
    }

    @Test("subjects of words have a domain of their own")
    func domains() throws {
        let party = try #require(PartyName(Self.party))
        let subjects = [
            EventSubjects.topic("north"), EventSubjects.organization("north"), EventSubjects.attribute("north"),
            EventSubjects.party(party), EventSubjects.attribute(Self.party),
        ]
        #expect(Set(subjects).count == subjects.count && subjects.allSatisfy { $0.count == 32 })
    }
}
