import CanonicalBytes
import Certificates
import Contracts
import Ledger

/// Encodings about offers, holders, emergencies, traces and reports, in the order of ``ContractTargets``.
enum ShareSeeds {
    private static func id(_ byte: UInt8) -> [UInt8] { LedgerSeeds.digest(byte) }

    private static let offer = OfferAccess(
        offer: Self.id(1),
        scopes: [Self.id(1), Self.id(2)],
        grantee: .attribute("study:x"),
        purpose: "STUDY",
        permissionSeconds: 60,
        validUntil: LedgerSeeds.time + 90_000
    )

    private static let order = OrderTrace(
        order: Self.id(1),
        certificate: Self.id(2),
        reason: .misuse,
        statement: Self.id(3)
    )

    private static let key = [UInt8]("WLM1".utf8) + [0, 0, 0, 1, 65, 1, 2, 3]

    static func arguments(_ party: PartyName) -> [[UInt8]] {
        let emergency = EmergencyAccess(
            request: Self.id(1),
            scope: Self.id(2),
            organization: "north",
            reason: .life,
            statement: Self.id(3),
            nonce: Self.id(4)
        )
        let holder = PartyName("north:patient:p1") ?? party
        return [
            SetScopeHolder(holder: holder, scopes: [Self.id(1), Self.id(2)]).bytes, Self.offer.bytes,
            WithdrawOffer(offer: Self.id(1)).bytes,
            AcceptOffer(offer: Self.id(1), request: Self.id(2), scope: Self.id(1), nonce: Self.id(3)).bytes,
            emergency.bytes, Self.order.bytes, AnswerTrace(order: Self.id(1), evidence: Self.id(2)).bytes,
            SetAttributeKey(publicKey: Self.key).bytes,
            RecordRefusal(permission: Self.id(1), step: .reencryption, code: "no-permission").bytes,
            RecordFault(permission: Self.id(1), accused: party, kind: .falsePart, evidence: Self.id(2)).bytes,
        ]
    }

    /// Field by field: only the contracts make records.
    static var records: [[UInt8]] {
        [
            Self.made {
                $0.lengthPrefixed("north:patient:p1")
                $0.u64(1)
                $0.u64(0)
                $0.lengthPrefixed(Self.offer.bytes)
            },
            Self.made {
                $0.lengthPrefixed("north:patient:p1")
                $0.lengthPrefixed("north:custodian:c1")
                $0.u64(1)
            },
            Self.made {
                $0.lengthPrefixed("north:tracing-authority:t1")
                $0.u64(1)
                $0.lengthPrefixed(Self.order.bytes)
                $0.u16(1)
                $0.lengthPrefixed("north:registration-authority:r1")
                $0.raw(Self.id(4))
                $0.u64(2)
            },
            Self.made {
                $0.u64(1)
                $0.lengthPrefixed(Self.key)
            },
            Self.made {
                $0.u64(3)
                $0.u16(0)
            },
            Self.made {
                $0.lengthPrefixed("no-permission")
                $0.u64(1)
            },
            Self.made {
                $0.u16(1)
                $0.lengthPrefixed("north:privacy-center:c1")
                $0.u8(1)
                $0.raw(Self.id(2))
                $0.u64(1)
            },
        ]
    }

    private static func made(_ write: (inout CanonicalWriter) -> Void) -> [UInt8] {
        var writer = CanonicalWriter()
        write(&writer)
        return writer.bytes
    }
}
