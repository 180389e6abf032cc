import CanonicalBytes
import Certificates
import Consensus
import Ledger
import StateTree
import Testing

@testable import Contracts

/// A kind of arguments or record, as bytes.
struct Encoding: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// Decodes and encodes again.
    let again: @Sendable ([UInt8]) throws -> [UInt8]

    init<Arguments: MethodArguments>(_ arguments: Arguments, _ variant: String = "") {
        self.name = "\(Arguments.contract).\(Arguments.method) \(variant)"
        self.bytes = arguments.bytes
        self.again = { try Arguments(bytes: $0).bytes }
    }

    init<Record: StateRecord>(record: Record, _ variant: String = "") {
        self.name = "\(Record.self) \(variant)"
        self.bytes = record.bytes
        self.again = { try Record(bytes: $0).bytes }
    }

    var testDescription: String { self.name }
}

@Suite("Encodings") struct EncodingTests {
    @Test("arguments and records are read back as they were written; whatever else is read is written so too")
    func mutations() throws {
        for encoding in try Self.encodings() {
            #expect(try encoding.again(encoding.bytes) == encoding.bytes, "\(encoding.name)")
            for length in 0..<encoding.bytes.count where length < 600 || length % 17 == 0 {
                #expect(throws: ProtocolFailure.self, "\(encoding.name) cut to \(length)") {
                    _ = try encoding.again(Array(encoding.bytes[..<length]))
                }
            }
            #expect(throws: ProtocolFailure.self, "\(encoding.name) with a byte more") {
                _ = try encoding.again(encoding.bytes + [0])
            }
            for place in encoding.bytes.indices {
                for flip in [1, 0x80, 0xff] as [UInt8] {
                    var damaged = encoding.bytes
                    damaged[place] ^= flip
                    guard let read = try? encoding.again(damaged) else { continue }
                    #expect(read == damaged, "\(encoding.name): byte \(place) has two encodings")
                }
            }
        }
    }

    @Test("there is an encoding under test for every method")
    func completeness() throws {
        let tested = Set(try Self.encodings().map { String($0.name.prefix { $0 != " " }) })
        for method in ConsortiumContracts(scheme: Ed25519Scheme()).methodNames {
            #expect(tested.contains("\(method.contract).\(method.method)"))
        }
    }

    @Test("lists beyond their limits and out of order are refused")
    func limits() throws {
        func scopes(_ count: Int) -> [[UInt8]] { (0..<count).map { UInt32($0).bigEndianBytes + id(0).dropFirst(4) } }
        func consent(_ scopes: [[UInt8]]) -> SetConsent {
            SetConsent(consent: id(1), mode: .allow, subject: .scopes(scopes), validUntil: 1)
        }
        #expect(throws: Never.self) { try SetConsent(bytes: consent(scopes(64)).bytes) }
        for wrong in [scopes(65), [], [id(2), id(1)], [id(1), id(1)]] {
            #expect(throws: ProtocolFailure.self) { try SetConsent(bytes: consent(wrong).bytes) }
        }
        let party = try #require(PartyName("north:gateway:g1"))
        func anchor(_ scopes: [[UInt8]], page: Int = 1, count: UInt32 = 1, created: (UInt64, UInt64) = (1, 1)) -> Anchor
        {
            Anchor(
                chain: [1],
                gateway: party,
                certificate: id(1),
                window: 1,
                root: id(1),
                count: count,
                createdMin: created.0,
                createdMax: created.1,
                pages: scopes.map { Anchor.Page(scope: $0, page: [UInt8](repeating: 0, count: page)) }
            )
        }
        #expect(throws: Never.self) { try Anchor(bytes: anchor(scopes(256)).bytes) }
        #expect(throws: Never.self) { try Anchor(bytes: anchor(scopes(1), page: 65_536).bytes) }
        let wrong = [
            anchor(scopes(257)), anchor([]), anchor([id(2), id(1)]), anchor(scopes(1), page: 65_537),
            anchor(scopes(1), count: 0), anchor(scopes(1), created: (2, 1)),
        ]
        for arguments in wrong { #expect(throws: ProtocolFailure.self) { try Anchor(bytes: arguments.bytes) } }
        let writers = SetScopeWriters(
            scope: id(1),
            epoch: 1,
            isSingleControl: true,
            writers: Array(repeating: .party(party), count: 65)
        )
        #expect(throws: ProtocolFailure.self) { try SetScopeWriters(bytes: writers.bytes) }
        func stated(
            _ mode: ConsentMode,
            request: [UInt8] = SetConsent.anyRequest,
            purpose: String = ""
        ) -> SetConsent {
            SetConsent(
                consent: id(1),
                mode: mode,
                subject: .label(id(2)),
                request: request,
                purpose: purpose,
                validUntil: 1
            )
        }
        let consents = [
            stated(.require, request: id(3)), stated(.forbid, purpose: "STUDY"), stated(.offer),
            stated(.allow, request: id(3), purpose: "STUDY"), stated(.allow, purpose: "a study"),
            stated(.allow, purpose: String(repeating: "x", count: 65)),
        ]
        for wrong in consents { #expect(throws: ProtocolFailure.self) { try SetConsent(bytes: wrong.bytes) } }
    }

    @Test("what no offer, holder, key or accusation can be is refused")
    func shareLimits() throws {
        let patient = try #require(PartyName("north:patient:p1"))
        let steward = try #require(PartyName("north:steward:s1"))
        func offer(
            _ grantee: Grantee,
            purpose: String = "STUDY",
            seconds: UInt64 = 1,
            scopes: [[UInt8]] = [id(1)]
        ) -> [UInt8] {
            OfferAccess(
                offer: id(1),
                scopes: scopes,
                grantee: grantee,
                purpose: purpose,
                permissionSeconds: seconds,
                validUntil: 1
            ).bytes
        }
        #expect(throws: Never.self) { try OfferAccess(bytes: offer(.attribute("study:x"))) }
        let offers = [
            offer(.organization("")), offer(.organization("a b")), offer(.attribute("study")),
            offer(.attribute("study:")), offer(.attribute("a:b:c")), offer(.certificate([1])),
            offer(.attribute("a:" + String(repeating: "x", count: 127))), offer(.party(steward), purpose: ""),
            offer(.party(steward), seconds: 0), offer(.party(steward), scopes: []),
            offer(.party(steward), scopes: [id(2), id(1)]),
        ]
        for bytes in offers { #expect(throws: ProtocolFailure.self) { try OfferAccess(bytes: bytes) } }
        var capital = CanonicalWriter()
        capital.u8(4)
        capital.lengthPrefixed(String(repeating: "AB", count: 32))
        var reader = CanonicalReader(capital.bytes)
        #expect(throws: ProtocolFailure.self) { try Grantee(from: &reader) }
        for holder in [SetScopeHolder(holder: steward, scopes: [id(1)]), SetScopeHolder(holder: patient, scopes: [])] {
            #expect(throws: ProtocolFailure.self) { try SetScopeHolder(bytes: holder.bytes) }
        }
        for scopes in [[], [id(2), id(1)], [id(1), id(3)]] {
            let label = SetScopeLabel(label: id(3), scopes: scopes)
            #expect(throws: ProtocolFailure.self) { try SetScopeLabel(bytes: label.bytes) }
        }
        let accusation = RecordFault(permission: id(1), accused: patient, kind: .missing, evidence: id(2))
        #expect(throws: ProtocolFailure.self) { try RecordFault(bytes: accusation.bytes) }
        let magic = [UInt8]("WLM1".utf8)
        let keys: [[UInt8]] = [
            [], magic, magic + [0, 0, 0, 0], Array("WLM2".utf8) + [0, 0, 0, 0, 1],
            magic + [0, 0, 0, 0] + [UInt8](repeating: 1, count: 4_089),
        ]
        for key in keys {
            #expect(throws: ProtocolFailure.self) { try SetAttributeKey(bytes: SetAttributeKey(publicKey: key).bytes) }
        }
    }

    @Test("a party has one spelling")
    func partySpelling() throws {
        var writer = CanonicalWriter()
        writer.raw(id(1))
        writer.lengthPrefixed("urn:wardline:north:gateway:g1")
        writer.raw(id(2))
        #expect(throws: ProtocolFailure.self) { try WrapIndexKey(bytes: writer.bytes) }
    }

    /// Those of zero-knowledge proofs.
    private static func proofEncodings(_ request: RequestAccess, by party: PartyName) -> [Encoding] {
        let proven = ProveAccess(
            access: request,
            circuit: id(1),
            root: id(2),
            epoch: 3,
            slot: 4,
            nym: id(5),
            requester: id(6),
            nonce: id(7),
            proof: [1, 2, 3]
        )
        let circuit = CircuitRegistration(kind: .policy(id(3)), system: id(1), ceremony: id(2), key: [1, 2])
        let binding = PolicyBinding(
            policy: id(1),
            circuit: id(2),
            publicInput: id(3),
            permissionSeconds: 4,
            author: party,
            time: 5
        )
        var leaf = CertifiedLeaf(index: 1, issuer: party, added: 2)
        let before = leaf
        leaf.revoke(.left, at: 3)
        var roots = RecentRoots()
        roots.append(RecentRoots.Entry(root: id(1), since: 2, epoch: 3))
        return [
            Encoding(SetPolicy(scope: id(1), circuit: id(2), permissionSeconds: 3, text: "role:nurse")),
            Encoding(WithdrawPolicy(scope: id(1))), Encoding(AddCredentials(leaves: [id(1), id(2)])),
            Encoding(RevokeCredentials(reason: .mistake, leaves: [id(2), id(1)])), Encoding(proven),
            Encoding(record: circuit), Encoding(record: RegisteredCircuit(circuit, height: 1)),
            Encoding(record: binding), Encoding(record: before), Encoding(record: leaf), Encoding(record: roots),
            Encoding(record: ProvenRequest(proven, time: 1)),
        ]
    }

    /// Those of offers, holders, emergencies, traces and reports.
    private static func shareEncodings(by party: PartyName, _ value: ValueProof) throws -> [Encoding] {
        let patient = try #require(PartyName("north:patient:p1"))
        let grantees: [Grantee] = [
            .party(party), .organization("south"), .attribute("study:x"), .certificate(id(9)),
        ]
        let offers = grantees.map {
            OfferAccess(
                offer: id(1),
                scopes: [id(2), id(3)],
                grantee: $0,
                purpose: "STUDY",
                permissionSeconds: 4,
                validUntil: 5
            )
        }
        let order = OrderTrace(order: id(1), certificate: id(2), reason: .safety, statement: id(3))
        var trace = TraceOrder(order, by: party, at: 1)
        trace.add(TraceOrder.Answer(party: party, evidence: id(4), time: 2))
        var faults = Faults()
        faults.add(Faults.Entry(accused: party, kind: .staleHead, evidence: id(1), time: 2))
        let key = [UInt8]("WLM1".utf8) + [0, 0, 0, 1, 65, 1, 2, 3]
        return offers.enumerated().map { Encoding($1, "to \($0)") } + [
            Encoding(record: Offer(offers[0], by: patient, at: 1)), Encoding(WithdrawOffer(offer: id(1))),
            Encoding(AcceptOffer(offer: id(1), request: id(2), scope: id(3), nonce: id(4))),
            Encoding(SetScopeHolder(holder: patient, scopes: [id(1), id(2)])),
            Encoding(SetScopeLabel(label: id(3), scopes: [id(1), id(2)])),
            Encoding(record: ScopeHolder(patient, namedBy: party, at: 1)),
            Encoding(
                EmergencyAccess(
                    request: id(1),
                    scope: id(2),
                    organization: "north",
                    reason: .life,
                    statement: id(3),
                    nonce: id(4)
                )
            ), Encoding(order), Encoding(AnswerTrace(order: id(1), evidence: id(2))), Encoding(record: trace),
            Encoding(SetAttributeKey(publicKey: key)), Encoding(record: AttributeKeyRecord(key, height: 1)),
            Encoding(BringConsents(proof: value)),
            Encoding(RecordRefusal(permission: id(1), step: .grant, code: "queue-full")),
            Encoding(record: Refusal("queue-full", at: 1)),
            Encoding(RecordFault(permission: id(1), accused: party, kind: .missing, evidence: id(2))),
            Encoding(record: faults),
            Encoding(
                SetConsent(consent: id(1), mode: .allow, subject: .label(id(2)), purpose: "STUDY", validUntil: 9),
                "with a purpose"
            ),
            Encoding(
                SetConsent(consent: id(1), mode: .allow, subject: .label(id(2)), request: id(3), validUntil: 9),
                "for a request"
            ),
        ]
    }

    /// What events say.
    private static func eventEncodings(
        _ permission: Permission,
        _ grant: Grant,
        _ delivery: RecordDelivery,
        by party: PartyName
    ) -> [Encoding] {
        let change = ConsentChange(id: id(1), author: party, scopes: [id(2), id(3)])
        let order = OrderTrace(order: id(1), certificate: id(2), reason: .court, statement: id(3))
        let fault = RecordFault(permission: id(1), accused: party, kind: .falsePart, evidence: id(2))
        return [
            Encoding(
                record: AccessRequested(request: id(1), scope: id(2), requester: id(3), organization: "north")
            ), Encoding(record: AccessDenied(request: id(1), scope: id(2), requester: id(3), party: party)),
            Encoding(record: PermissionRevoked(permission, by: party)),
            Encoding(record: EmergencyDeclared(permission, reason: .treatment)),
            Encoding(record: ConsentSet(change, mode: .require)), Encoding(record: ConsentWithdrawn(change)),
            Encoding(record: AccessOffered(change, to: .attribute("study:x"))),
            Encoding(record: OfferWithdrawn(change)), Encoding(record: ScopesLabelled(change)),
            Encoding(record: TraceOrdered(order, by: party)),
            Encoding(
                record: TraceAnswered(
                    order: id(1),
                    certificate: id(2),
                    evidence: id(3),
                    party: party,
                    isComplete: true
                )
            ), Encoding(record: GrantRecorded(id(1), grant)), Encoding(record: GrantRevoked(id(1), grant)),
            Encoding(record: DeliveryRecorded(id(1), delivery, under: grant, by: party)),
            Encoding(
                record: DeliveryAcknowledged(
                    AcknowledgeDelivery(delivery: id(1), outcome: .faulty),
                    under: id(2),
                    grant
                )
            ), Encoding(record: ConsentsBrought(organization: "north", scope: id(1), height: 2)),
            Encoding(record: ShareRefused(permission: id(1), step: .grant, party: party, code: "no")),
            Encoding(record: FaultReported(fault, under: id(1), grant)),
        ]
    }

    /// One of each kind, with real proofs.
    private static func encodings() throws -> [Encoding] {
        let consortium = try Consortium()
        let party = try #require(PartyName("north:gateway:g1"))
        #expect(try consortium.decide(consortium.committeeChange(1, [1, 2, 3, 5])) == 0)
        let follow = try consortium.follow()
        let proof = try #require(consortium.access.blocks.last).proof()
        let value = try consortium.access.prove(StateKey.issuers)
        let list = try RevocationList.sign(
            [id(1), id(2)],
            number: 1,
            thisUpdate: 1,
            nextUpdate: 2,
            by: consortium.authority
        )
        let request = RequestAccess(
            request: id(1),
            scope: id(2),
            policy: id(3),
            organization: "north",
            purpose: "TREAT",
            nonce: id(4),
            expires: 5
        )
        let consent = SetConsent(consent: id(1), mode: .allow, subject: .scopes([id(1), id(2)]), validUntil: 9)
        let issuer = TrustedIssuer(kind: .authority, issuer: consortium.authority.issuer)
        let governors = Governors(threshold: 1, parties: [party])
        let writers = SetScopeWriters(
            scope: id(1),
            epoch: 2,
            isSingleControl: true,
            writers: [.party(party), .certificate(id(3))]
        )
        let dataset = PublishDataset(
            dataset: id(1),
            scopes: [id(1), id(2)],
            from: 1,
            to: 2,
            policy: id(3),
            tags: [[UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16)],
            isSingleControl: false
        )
        let anchor = Anchor(
            chain: Consortium.chain,
            gateway: party,
            certificate: id(1),
            window: 2,
            root: id(3),
            count: 4,
            createdMin: 5,
            createdMax: 6,
            pages: [Anchor.Page(scope: id(7), page: [1, 2]), Anchor.Page(scope: id(8), page: [])]
        )
        let grant = RecordGrant(grant: id(1), scope: id(2), permission: id(3), notBefore: 4, notAfter: 5, proof: proof)
        let delivery = RecordDelivery(grant: id(1), list: id(2), count: 3, receiver: id(4), parts: 5)
        let hash = try #require(BlockHash(id(1)))
        let votes = [BlockHash.zero, hash].map {
            Prepare(
                signing: Slot(epoch: 0, view: 1, height: 2, block: $0, parent: .zero),
                as: ReplicaID(1),
                in: consortium.genesis.context(of: .access),
                with: consortium.validators[0]
            )
        }
        let changes: [ProposedChange] = [
            .parameter(name: "block.bytes_max", value: 1), try consortium.committeeChange(2, [1, 2, 3, 4]),
            .addIssuer(issuer), .removeIssuer(.authority, name: "north-ca"),
            .activation(contract: "index", method: "", height: 7), .governors(governors),
            .registerCircuit(CircuitRegistration(kind: .universal, system: id(1), ceremony: id(2), key: [1, 2])),
            .retireCircuit(id(1)),
        ]
        let permission = Permission(
            AccessRequest(request, requester: id(6), name: "", time: 1),
            Permission.Decision(decider: party, validUntil: 3, kind: .offered, basis: id(7)),
            chain: [1],
            at: 2
        )
        var consents = ScopeConsents()
        _ = consents.add(ScopeConsents.Entry(consent, by: party), at: 1)
        var labelled = consents
        labelled.label = id(9)
        let record = Grant(grant, permission, height: 4, permitted: 3)
        var roots = CredentialRoots()
        roots.append(CredentialRoots.Entry(root: id(1), epoch: 2, height: 3))
        let certificate = try consortium.party("north:gateway:g1").certificate
        return [
            Encoding(follow), Encoding(BringRevocations(proof: proof)), Encoding(BringIssuers(proof: value)),
            Encoding(BringParameter(proof: value)), Encoding(BringValidator(proof: value)),
            Encoding(BringActivation(proof: value)), Encoding(Register()), Encoding(Revoke(list: list)),
            Encoding(SetCredentialRoot(root: id(1), epoch: 2)), Encoding(request),
            Encoding(PermitAccess(request: id(1), validUntil: 2)), Encoding(DenyAccess(request: id(1))),
            Encoding(RevokePermission(permission: id(1))), Encoding(consent),
            Encoding(SetConsent(consent: id(1), mode: .forbid, subject: .label(id(2)), validUntil: 9), "label"),
            Encoding(WithdrawConsent(consent: id(1))), Encoding(Approve(proposal: id(1))),
            Encoding(Reject(proposal: id(1))), Encoding(Withdraw(proposal: id(1))), Encoding(writers), Encoding(anchor),
            Encoding(WrapIndexKey(scope: id(1), sender: party, digest: id(2))), Encoding(dataset),
            Encoding(WithdrawDataset(dataset: id(1))), Encoding(grant), Encoding(RevokeGrant(grant: id(1))),
            Encoding(BringPermissionRevocation(proof: proof)), Encoding(delivery),
            Encoding(AcknowledgeDelivery(delivery: id(1), outcome: .faulty)),
            Encoding(ReportEvidence(evidence: .prepares(votes[0], votes[1]))),
        ] + self.proofEncodings(request, by: party) + (try self.shareEncodings(by: party, value))
            + self.eventEncodings(permission, record, delivery, by: party) + [
                Encoding(record: BroughtConsents(consents, height: 3)),
                Encoding(record: AnchorEntered(anchor, marks: .late)),
                Encoding(record: IssuerList([issuer])), Encoding(record: governors), Encoding(record: permission),
                Encoding(record: AccessRequest(request, requester: id(6), name: "north:researcher:r", time: 1)),
                Encoding(record: Consent(consent, by: party, at: 1)), Encoding(record: consents),
                Encoding(record: labelled, "of a label"),
                Encoding(record: roots),
                Encoding(record: RegisteredCertificate(certificate, of: party, at: 3)),
                Encoding(record: Proposal(Propose(expires: 1, change: changes[0]), by: party)),
                Encoding(record: ScopeRecord(owner: "north", height: 1, list: writers)),
                Encoding(record: AnchorRecord(anchor, digest: id(1), height: 2, marks: .late)),
                Encoding(record: IndexKeyWrap(digest: id(1), version: 2, height: 3)),
                Encoding(record: Dataset(dataset, by: party, height: 1)),
                Encoding(record: record),
                Encoding(record: Delivery(delivery, by: party, at: 1)),
            ] + changes.map { Encoding(Propose(expires: 1, change: $0), "\($0.bytes[0])") }
            + (try CrossChainEncodings.all())
    }
}
