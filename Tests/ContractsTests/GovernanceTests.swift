import CanonicalBytes
import Certificates
import Consensus
import Ledger
import P256Group
import Testing

@testable import Contracts

@Suite("Governance") struct GovernanceTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private var access: TestChannel { self.consortium.access }

    @Test("the vote that reaches the threshold changes a parameter, and only governors vote, once each")
    func parameters() throws {
        let proposal = try self.consortium.propose(.parameter(name: "anchor.late_seconds", value: 60))
        let key = StateKey.parameter("anchor.late_seconds")
        let cases: [(String, RejectionCode?)] = [
            ("north:operator:o9", .notAGovernor), ("north:operator:g1", nil), ("north:operator:g1", .votedAlready),
            ("north:operator:g2", nil), ("south:operator:g3", .proposalClosed),
        ]
        for (caller, expected) in cases {
            #expect(self.access.values.values[key] == nil || caller == "south:operator:g3")
            #expect(try self.consortium.call(Approve(proposal: proposal), by: caller) == expected?.number ?? 0)
        }
        #expect(try self.access.number(at: key) == 60)
        let record = try #require(try self.access.record(Proposal.self, at: GovernanceKey.proposal(proposal)))
        #expect(record.status == .enacted && record.closed == 5 && record.approvals.count == 2)
        let unknown = try self.consortium.call(Approve(proposal: id(1)), by: "north:operator:g1")
        #expect(unknown == RejectionCode.noSuchProposal.number)
    }

    @Test("a parameter decides in the next block already")
    func parameterInForce() throws {
        try self.consortium.hold(Array(0..<64), by: "north:patient:p1")
        #expect(try self.consortium.decide(.parameter(name: "transaction.bytes_max", value: 4_096)) == 0)
        let label = SetConsent(
            consent: id(1),
            mode: .allow,
            subject: .scopes((0..<64).map { id($0) }),
            validUntil: .max
        )
        #expect(try self.consortium.call(label, by: "north:patient:p1") == 0)
        let names = try (0..<200).map { try #require(PartyName("north:operator:x\(1000 + $0)")) }
        let long = Propose(expires: 1, change: .governors(Governors(threshold: 200, parties: names)))
        let transaction = try self.consortium.transaction(
            long,
            by: self.consortium.party("north:operator:g1"),
            on: self.access
        )
        #expect(try self.access.build([transaction]).1.map(\.1) == [.tooLong])
    }

    @Test("what could not be carried out is not even proposed")
    func impossible() throws {
        let north = TrustedIssuer(kind: .authority, issuer: self.consortium.authority.issuer)
        let names = try [1, 2, 3, 4].map { try Consortium.validatorName($0) }
        let committee = try Consortium.committee(1, self.consortium.validators, [1, 2, 3, 5])
        let twins = try #require(
            Committee(
                epoch: 1,
                members: [1, 2, 3, 4].map { number in
                    self.consortium.validators[number == 4 ? 2 : number - 1].member(ReplicaID(UInt16(number)))
                }
            )
        )
        let governor = try #require(PartyName("north:operator:g1"))
        let operators = try [1, 2, 3, 4].map { try #require(PartyName("north:operator:v\($0)")) }
        let cases: [(ProposedChange, RejectionCode)] = [
            (.parameter(name: "no.such", value: 1), .unknownParameter),
            (.parameter(name: "block.bytes_max", value: 1), .valueOutOfRange),
            (.parameter(name: "anchor.open_scopes", value: 2), .valueOutOfRange),
            (.committee(committee, names: []), .validatorNames),
            (.committee(committee, names: operators), .validatorNames),
            (.committee(committee, names: Array(repeating: names[0], count: 4)), .validatorNames),
            (.committee(committee, names: [names[1], names[0], names[2], names[3]]), .validatorNumberUsed),
            (.committee(twins, names: names), .validatorKeyShared), (.addIssuer(north), .issuerKnown),
            (.removeIssuer(.authority, name: "nobody"), .issuerUnknown),
            (.activation(contract: "governance", method: "approve", height: 9), .notToBePutOff),
            (.activation(contract: "index", method: "", height: .max), .valueOutOfRange),
            (.governors(Governors(threshold: 2, parties: [governor])), .governorsOutOfOrder),
            (.governors(Governors(threshold: 2, parties: [governor, governor])), .governorsOutOfOrder),
            (.governors(Governors(threshold: 0, parties: [])), .governorsOutOfOrder),
        ]
        for (change, expected) in cases {
            let arguments = Propose(expires: self.access.now + 1_000, change: change)
            #expect(try self.consortium.call(arguments, by: "north:operator:g1") == expected.number)
        }
        let times: [(UInt64, RejectionCode)] = [
            (self.access.now, .proposalTimeOutOfRange), (.max, .proposalTimeOutOfRange),
        ]
        for (expires, expected) in times {
            let arguments = Propose(expires: expires, change: .parameter(name: "anchor.late_seconds", value: 1))
            #expect(try self.consortium.call(arguments, by: "north:operator:g1") == expected.number)
        }
    }

    @Test(
        "a new member's keys have to be of the chain's kind",
        arguments: [(32, 0), (32, 31), (32, 33), (32, 48), (32, 144), (0, 32), (31, 32), (64, 32)]
    )
    func unfitKeys(votingLength: Int, shareLength: Int) throws {
        func change(_ fifth: Member) throws -> ProposedChange {
            let present = self.access.committee.members
            let committee = try #require(Committee(epoch: 1, members: present + [fifth]))
            return .committee(committee, names: try (1...5).map { try Consortium.validatorName($0) })
        }
        let unfit = Member(
            id: ReplicaID(5),
            votingKey: [UInt8](repeating: 1, count: votingLength),
            shareKey: [UInt8](repeating: 2, count: shareLength)
        )
        let expires = self.access.now + 1_000
        let proposed = try self.consortium.call(
            Propose(expires: expires, change: try change(unfit)),
            by: "north:operator:g1"
        )
        // Keys that are not there at all were refused before.
        let isEmpty = votingLength == 0 || shareLength == 0
        let expected: RejectionCode = isEmpty ? .validatorKeyShared : .validatorKeyUnfit
        #expect(proposed == expected.number)
        let fit = self.consortium.validators[4].member(ReplicaID(5))
        #expect(try self.consortium.decide(try change(fit)) == 0)
    }

    @Test("a proposal ends by refusals, by its time, or by its proposer")
    func endings() throws {
        let change = ProposedChange.parameter(name: "anchor.late_seconds", value: 1)
        let refused = try self.consortium.propose(change)
        #expect(try self.consortium.call(Reject(proposal: refused), by: "north:operator:g1") == 0)
        let changed = try self.consortium.call(Approve(proposal: refused), by: "north:operator:g1")
        #expect(changed == RejectionCode.votedAlready.number)
        #expect(try self.consortium.call(Reject(proposal: refused), by: "north:operator:g2") == 0)
        let closed = try self.consortium.call(Approve(proposal: refused), by: "south:operator:g3")
        #expect(closed == RejectionCode.proposalClosed.number)

        let withdrawn = try self.consortium.propose(change)
        let other = try self.consortium.call(Withdraw(proposal: withdrawn), by: "north:operator:g2")
        #expect(other == RejectionCode.notTheProposer.number)
        #expect(try self.consortium.call(Withdraw(proposal: withdrawn), by: "north:operator:g1") == 0)
        let late = try self.consortium.call(Approve(proposal: withdrawn), by: "north:operator:g2")
        #expect(late == RejectionCode.proposalClosed.number)

        let forgotten = try self.consortium.propose(change)
        self.access.now += 1_000_001
        let expired = try self.consortium.call(Approve(proposal: forgotten), by: "north:operator:g2")
        #expect(expired == RejectionCode.proposalExpired.number)
    }

    @Test("an added issuer's parties are admitted, a removed one's are not, and one authority must stay")
    func issuers() throws {
        let west = CertificateAuthority(name: "west-ca", key: .generate())
        let add = ProposedChange.addIssuer(TrustedIssuer(kind: .authority, issuer: west.issuer))
        #expect(try self.consortium.decide(add) == 0)
        let gateway = try Consortium.issue(by: west, subject: "west:gateway:g1", usage: .sign)
        #expect(try self.consortium.call(Register(), by: gateway) == 0)

        let transaction = try self.consortium.transaction(
            Register(),
            by: self.consortium.party("north:gateway:g1"),
            on: self.access
        )
        #expect(try self.consortium.decide(.removeIssuer(.authority, name: "west-ca")) == 0)
        #expect(try self.consortium.decide(.removeIssuer(.authority, name: "south-ca")) == 0)
        #expect(self.access.values.values[StateKey.issuer(.authority, "south-ca")] == nil)
        #expect(try self.access.build([transaction]).0 != nil)
        let last = Propose(expires: self.access.now + 1_000, change: .removeIssuer(.authority, name: "north-ca"))
        #expect(try self.consortium.call(last, by: "north:operator:g1") == RejectionCode.lastAuthority.number)
    }

    @Test("a method that was put off is not active before its height")
    func activation() throws {
        #expect(try self.consortium.decide(.activation(contract: "registry", method: "register", height: 6)) == 0)
        let early = try self.consortium.call(Register(), by: "north:gateway:g1")
        #expect(early == RejectionCode.notActive.number && self.access.header.height == 4)
        let other = SetCredentialRoot(root: id(1), epoch: 3_000)
        #expect(try self.consortium.call(other, by: "north:authority:a1") == 0)
        #expect(try self.consortium.call(Register(), by: "north:gateway:g1") == 0)
        #expect(try self.consortium.decide(.activation(contract: "registry", method: "", height: 11)) == 0)
        let whole = try self.consortium.call(other, by: "north:authority:a1")
        #expect(whole == RejectionCode.notActive.number)
    }

    @Test("governors replace themselves, and votes of those who left do not count")
    func governors() throws {
        let standing = try self.consortium.propose(.parameter(name: "anchor.late_seconds", value: 1))
        #expect(try self.consortium.call(Approve(proposal: standing), by: "north:operator:g1") == 0)
        let names = try ["north:operator:g2", "south:operator:g3"].map { try #require(PartyName($0)) }
        let change = ProposedChange.governors(Governors(threshold: 2, parties: names))
        #expect(try self.consortium.decide(change) == 0)
        let gone = try self.consortium.call(Approve(proposal: standing), by: "north:operator:g1")
        #expect(gone == RejectionCode.notAGovernor.number)
        #expect(try self.consortium.call(Approve(proposal: standing), by: "north:operator:g2") == 0)
        #expect(self.access.values.values[StateKey.parameter("anchor.late_seconds")] == nil)
        #expect(try self.consortium.call(Approve(proposal: standing), by: "south:operator:g3") == 0)
        #expect(try self.access.number(at: StateKey.parameter("anchor.late_seconds")) == 1)
    }

    @Test("a channel has a limit of issuers")
    func tooManyIssuers() throws {
        var list = IssuerList([])
        for place in 0..<IssuerList.countMax {
            let authority = CertificateAuthority(name: "ca-\(place)", key: .generate())
            list.issuers.append(TrustedIssuer(kind: .authority, issuer: authority.issuer))
        }
        let full = TestChannel.state([StateKey.issuers: list.bytes])
        let stranger = CertificateAuthority(name: "stranger", key: .generate())
        let change = ProposedChange.addIssuer(TrustedIssuer(kind: .authority, issuer: stranger.issuer))
        let transaction = try self.consortium.transaction(
            Propose(expires: self.access.now + 1, change: change),
            by: self.consortium.party("north:operator:g1"),
            on: self.access
        )
        let verifier = TransactionVerifier(chain: Consortium.chain, issuers: self.consortium.genesis.issuers)
        let call = ContractCall(
            block: BlockContext(
                chain: Consortium.chain,
                channel: .access,
                height: 1,
                time: self.access.now,
                committee: self.access.committee
            ),
            verified: try verifier.verify(transaction),
            state: full,
            costMax: 1_000_000
        )
        let (hub, spokes) = ForeignChains.ofBothContracts()
        let tools = GovernanceTools(scheme: Ed25519Scheme(), hub: hub, spokes: spokes, attested: nil)
        #expect(
            throws: ContractFailure.rejected(.tooManyIssuers, "\(IssuerList.countMax) issuers"),
            performing: { try Enactment(change, tools).check(call) }
        )
    }
}
