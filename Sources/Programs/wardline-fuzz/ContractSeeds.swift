import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Ledger

/// One encoding of the arguments of every method, and of every record, behind its number in ``ContractTargets``.
enum ContractSeeds {
    static let all: [[UInt8]] = Self.numbered((try? Self.arguments()) ?? []) + Self.numbered(Self.records)

    private static func numbered(_ encodings: [[UInt8]]) -> [[UInt8]] {
        encodings.enumerated().map { [UInt8(truncatingIfNeeded: $0)] + $1 }
    }

    private static func id(_ byte: UInt8) -> [UInt8] { LedgerSeeds.digest(byte) }

    private static func arguments() throws(ProtocolFailure) -> [[UInt8]] {
        let (transaction, values) = try LedgerSeeds.proofs()
        guard let proof = transaction, let party = PartyName("north:gateway:g1"),
            let list = try? RevocationList(bytes: SealedSeeds.revocationList)
        else { throw ProtocolFailure(.format, "no seeds") }
        return Self.chain(proof, values[0]) + [Register().bytes, Revoke(list: list).bytes]
            + [SetCredentialRoot(root: Self.id(1), epoch: 2).bytes] + Self.access + Self.governance
            + Self.index(party) + Self.sharing(proof) + [Self.evidence] + Self.proofs
            + ShareSeeds.arguments(party) + [BringConsents(proof: values[0]).bytes]
            + [SetScopeLabel(label: Self.id(9), scopes: [Self.id(1), Self.id(2)]).bytes]
    }

    private static func chain(_ proof: TransactionProof, _ value: ValueProof) -> [[UInt8]] {
        let next = LedgerSeeds.consortium.successor
        let header = LedgerSeeds.block(stateRoot: Self.id(1), next: next).header
        return [
            FollowCommittee(header: header, certificate: LedgerSeeds.certify(header), next: next).bytes,
            BringRevocations(proof: proof).bytes, BringIssuers(proof: value).bytes, BringParameter(proof: value).bytes,
            BringValidator(proof: value).bytes, BringActivation(proof: value).bytes,
        ]
    }

    private static var request: RequestAccess {
        RequestAccess(
            request: Self.id(1),
            scope: Self.id(2),
            policy: Self.id(3),
            organization: "north",
            purpose: "TREAT",
            nonce: Self.id(4),
            expires: LedgerSeeds.time + 60_000
        )
    }

    private static var access: [[UInt8]] {
        [
            Self.request.bytes, PermitAccess(request: Self.id(1), validUntil: LedgerSeeds.time + 90_000).bytes,
            DenyAccess(request: Self.id(1)).bytes, RevokePermission(permission: Self.id(1)).bytes, Self.consent,
            WithdrawConsent(consent: Self.id(1)).bytes,
        ]
    }

    private static var consent: [UInt8] {
        SetConsent(
            consent: Self.id(1),
            mode: .allow,
            subject: .scopes([Self.id(1), Self.id(2)]),
            validUntil: LedgerSeeds.time + 90_000
        ).bytes
    }

    private static var governance: [[UInt8]] {
        let change = ProposedChange.parameter(name: "block.bytes_max", value: 1 << 20)
        return [
            Propose(expires: LedgerSeeds.time + 90_000, change: change).bytes, Approve(proposal: Self.id(1)).bytes,
            Reject(proposal: Self.id(1)).bytes, Withdraw(proposal: Self.id(1)).bytes,
        ]
    }

    private static var circuit: CircuitRegistration {
        let key = [UInt8](repeating: 1, count: 680)
        return CircuitRegistration(kind: .policy(Self.id(3)), system: Self.id(1), ceremony: Self.id(2), key: key)
    }

    private static var proofs: [[UInt8]] {
        let proven = ProveAccess(
            access: Self.request,
            circuit: Self.circuit.id,
            root: Self.id(1),
            epoch: 2,
            slot: 3,
            nym: Self.id(4),
            requester: Self.id(5),
            nonce: Self.id(6),
            proof: [UInt8](repeating: 7, count: 192)
        )
        let policy = SetPolicy(
            scope: Self.id(2),
            circuit: Self.circuit.id,
            permissionSeconds: 3_600,
            text: "(level >= 3 and role:cardiologist)"
        )
        return [
            policy.bytes, WithdrawPolicy(scope: Self.id(2)).bytes, AddCredentials(leaves: [Self.id(1)]).bytes,
            RevokeCredentials(reason: .attributes, leaves: [Self.id(1), Self.id(2)]).bytes, proven.bytes,
            Propose(expires: LedgerSeeds.time + 90_000, change: .registerCircuit(Self.circuit)).bytes,
        ]
    }

    private static func index(_ party: PartyName) -> [[UInt8]] {
        let anchor = Anchor(
            chain: LedgerSeeds.chain,
            gateway: party,
            certificate: Self.id(1),
            window: 2,
            root: Self.id(3),
            count: 4,
            createdMin: LedgerSeeds.time / 1_000 - 9,
            createdMax: LedgerSeeds.time / 1_000,
            pages: [Anchor.Page(scope: Self.id(7), page: [1, 2]), Anchor.Page(scope: Self.id(8), page: [])]
        )
        return [
            SetScopeWriters(
                scope: Self.id(1),
                epoch: 2,
                isSingleControl: true,
                writers: [.party(party), .certificate(Self.id(3))]
            ).bytes, anchor.bytes, WrapIndexKey(scope: Self.id(1), sender: party, digest: Self.id(2)).bytes,
            Self.dataset, WithdrawDataset(dataset: Self.id(1)).bytes,
        ]
    }

    private static var dataset: [UInt8] {
        PublishDataset(
            dataset: Self.id(1),
            scopes: [Self.id(1), Self.id(2)],
            from: 1,
            to: 2,
            policy: Self.id(3),
            tags: [Array(Self.id(1).prefix(16)), Array(Self.id(2).prefix(16))],
            isSingleControl: false
        ).bytes
    }

    private static func sharing(_ proof: TransactionProof) -> [[UInt8]] {
        let grant = RecordGrant(
            grant: Self.id(1),
            scope: Self.id(2),
            permission: Self.id(3),
            notBefore: 4,
            notAfter: 5,
            proof: proof
        )
        return [
            grant.bytes, RevokeGrant(grant: Self.id(1)).bytes, BringPermissionRevocation(proof: proof).bytes,
            Self.delivery, AcknowledgeDelivery(delivery: Self.id(1), outcome: .faulty).bytes,
        ]
    }

    private static var delivery: [UInt8] {
        RecordDelivery(grant: Self.id(1), list: Self.id(2), count: 3, receiver: Self.id(4), parts: 5).bytes
    }

    private static var evidence: [UInt8] {
        let consortium = LedgerSeeds.consortium
        let votes = [1, 9].map { salt in
            consortium.prepare(
                consortium.slot(FuzzReader.make(1, on: FuzzConsortium.genesis, salt: salt), view: 1),
                by: 0
            )
        }
        return ReportEvidence(evidence: .prepares(votes[0], votes[1])).bytes
    }

    // MARK: - Records

    /// Field by field: only the contracts make records.
    private static var records: [[UInt8]] {
        let party = PartyName("north:gateway:g1").map { [$0] } ?? []
        return [
            IssuerList([LedgerSeeds.issuer]).bytes, Governors(threshold: 1, parties: party).bytes, Self.proposal,
            Self.made {
                $0.lengthPrefixed("north:gateway:g1")
                $0.lengthPrefixed("north-ca")
                for number: UInt64 in 1...3 { $0.u64(number) }
            },
            Self.made {
                $0.u16(1)
                $0.raw(Self.id(1))
                $0.u64(2)
                $0.u64(3)
            },
        ] + Self.accessRecords + Self.indexRecords + Self.sharingRecords + Self.proofRecords
            + ShareSeeds.records + Self.policyRecords
    }

    /// A scope's policy, and what a request's proof showed.
    private static var policyRecords: [[UInt8]] {
        [
            Self.made {
                $0.raw(Self.id(1) + Self.id(2) + Self.id(3))
                $0.u64(3_600)
                $0.lengthPrefixed("north:steward:s1")
                $0.u64(LedgerSeeds.time)
            },
            Self.made {
                $0.raw(Self.id(1) + Self.id(2) + Self.id(3))
                $0.u64(2_970)
                $0.u32(1)
                $0.raw(Self.id(4))
                $0.u64(LedgerSeeds.time)
            },
        ]
    }

    private static var proofRecords: [[UInt8]] {
        [
            Self.made {
                $0.u64(1)
                $0.u64(0)
                $0.lengthPrefixed(Self.circuit.bytes)
            },
            Self.made {
                $0.u16(1)
                $0.raw(Self.id(1))
                $0.u64(2)
                $0.u64(3)
            },
            Self.made {
                $0.u32(1)
                $0.lengthPrefixed("north:attribute-authority:aa")
                $0.u64(2)
                $0.u64(3)
                $0.u8(1)
            },
        ]
    }

    private static var proposal: [UInt8] {
        Self.made {
            $0.u8(0)
            $0.u64(0)
            $0.lengthPrefixed("north:operator:g1")
            $0.u16(1)
            $0.lengthPrefixed("north:operator:g1")
            $0.u16(0)
            $0.lengthPrefixed(Self.governance[0])
        }
    }

    private static var accessRecords: [[UInt8]] {
        [
            Self.made {
                $0.u8(0)
                $0.raw(Self.id(6))
                $0.lengthPrefixed("north:researcher:r1")
                $0.raw(Self.id(0))
                $0.u64(1)
                $0.lengthPrefixed(Self.access[0])
            },
            Self.made {
                for byte: UInt8 in 1...5 { $0.raw(Self.id(byte)) }
                $0.lengthPrefixed("north")
                $0.lengthPrefixed("north:steward:s1")
                for number: UInt64 in 0...2 { $0.u64(number) }
                $0.lengthPrefixed("TREAT")
                $0.u8(1)
                $0.raw(Self.id(0))
            },
            Self.made {
                $0.lengthPrefixed("north:steward:s1")
                $0.u64(1)
                $0.u64(0)
                $0.lengthPrefixed(Self.consent)
            },
            Self.made {
                $0.u16(1)
                $0.raw(Self.id(1))
                $0.u8(1)
                $0.raw(Self.id(0))
                $0.lengthPrefixed("")
                $0.u64(9)
                $0.lengthPrefixed("north:steward:s1")
            },
        ]
    }

    private static var indexRecords: [[UInt8]] {
        [
            Self.made {
                $0.lengthPrefixed("north")
                $0.u64(1)
                $0.lengthPrefixed([UInt8]())
            },
            Self.made {
                for byte: UInt8 in 1...3 { $0.raw(Self.id(byte)) }
                $0.u32(4)
                for number: UInt64 in 5...7 { $0.u64(number) }
                $0.u8(1)
                $0.u16(1)
                $0.raw(Self.id(7))
                $0.raw(Self.id(8))
            },
            Self.made {
                $0.raw(Self.id(1))
                $0.u32(2)
                $0.u64(3)
            },
            Self.made {
                $0.lengthPrefixed("north:steward:s1")
                $0.u64(1)
                $0.u64(0)
                $0.lengthPrefixed(Self.dataset)
            },
        ]
    }

    private static var sharingRecords: [[UInt8]] {
        [
            Self.made {
                for byte: UInt8 in 1...3 { $0.raw(Self.id(byte)) }
                $0.lengthPrefixed("north")
                for number: UInt64 in 4...7 { $0.u64(number) }
                $0.raw(Self.id(4))
                $0.lengthPrefixed("STUDY")
                $0.u8(3)
                $0.raw(Self.id(5))
                $0.u64(8)
            },
            Self.made {
                $0.lengthPrefixed("north:privacy-center:c1")
                $0.u64(1)
                $0.u64(0)
                $0.u8(0)
                $0.lengthPrefixed(Self.delivery)
            },
        ]
    }

    private static func made(_ fill: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter()
        fill(&writer)
        return writer.bytes
    }
}
