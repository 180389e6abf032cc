import Payloads

/// Small well-formed inputs of the binary payload formats, built field by field; all values are invented.
enum BinarySeeds {
    static func all(_ family: SeedFamily) -> [[UInt8]] {
        switch family {
        case .cbor: self.cbor
        case .senmlCBOR: self.senml
        case .gatt: self.gatt
        case .sparkplug: self.sparkplugBirths + self.sparkplugData
        case .compressed: self.compressed
        case .policy: SealedSeeds.policies
        case .sealed: SealedSeeds.builtIn
        case .consensus: ConsensusSeeds.all
        case .ledger: LedgerSeeds.all
        case .contracts: ContractSeeds.all
        case .frames: TransportSeeds.all
        case .store: StoreTargets.seeds
        case .validator: ValidatorSeeds.all
        case .certificates: CertificateSeeds.all
        case .issuing: IssuingSeeds.all
        case .proofs: ProofSeeds.all
        case .pathProofs: PathSeeds.all
        case .interchain: InterchainSeeds.all
        case .crossChain: CrossChainSeeds.all
        case .mllpStreams: WardSeeds.streams
        case .movements: WardSeeds.movements
        case .accounts: WardSeeds.accounts
        default: self.handedOver(family)
        }
    }

    /// Keys, cards, files and documents that parties hand to each other.
    private static func handedOver(_ family: SeedFamily) -> [[UInt8]] {
        switch family {
        case .questions: QuestionSeeds.all
        case .shares: ShareMessageSeeds.files
        case .pseudonyms: ShareMessageSeeds.pseudonyms
        case .accountAnswers: ShareMessageSeeds.answers
        case .heads: ShareMessageSeeds.heads
        case .subjects: ShareMessageSeeds.subjects
        case .keyFiles: KeyFileSeeds.builtIn
        case .credentials: KeyFileSeeds.credentials
        case .tokens: KeyFileSeeds.tokens
        case .cards: KeyFileSeeds.cards
        case .names: KeyFileSeeds.names
        case .consents: DocumentSeeds.consents
        case .documents: DocumentSeeds.proofs
        default: []
        }
    }

    private static let cbor: [[UInt8]] = [
        CBOR.map([
            (CBOR.text("t"), CBOR.uint(1_773_130_530)), (CBOR.text("n"), CBOR.uint(17)),
            (CBOR.text("hr"), CBOR.uint(72)),
            (CBOR.text("rr"), [0xF9, 0x4B, 0x00]), (CBOR.text("temp"), [0xC4, 0x82, 0x21, 0x19, 0x0E, 0x4C]),
        ]),
        // Half, single and double precision, specials, a bignum, indefinite array, map and strings, tags.
        [0x88, 0xF9, 0x7E, 0x00, 0xFA, 0x42, 0x12, 0x66, 0x66, 0xFB, 0x40, 0x42, 0x4C, 0xCC, 0xCC, 0xCC, 0xCC, 0xCD]
            + [0xC2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x9F, 0xF4, 0xF5, 0xF6, 0xF7, 0xFF, 0xBF, 0x61, 0x61, 0x01, 0xFF]
            + [0x7F, 0x61, 0x61, 0x62, 0xC3, 0xA9, 0xFF, 0x5F, 0x41, 0x01, 0x42, 0x02, 0x03, 0xFF],
        [0xD9, 0xD9, 0xF7, 0xA2, 0x01, 0x02, 0x20, 0x82, 0x03, 0x63, 0x61, 0x62, 0x63],
        [0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xC5, 0x82, 0x20, 0x03],
        [0xC4, 0x82, 0x38, 0x63, 0xC3, 0x42, 1, 0],
    ]

    private static let senml: [[UInt8]] = [
        CBOR.array([
            CBOR.map([
                (CBOR.negative(2), CBOR.text("urn:dev:ow:1:")), (CBOR.negative(3), CBOR.uint(1_773_130_530)),
                (CBOR.uint(0), CBOR.text("temp")), (CBOR.uint(1), CBOR.text("Cel")),
                (CBOR.uint(2), [0xC4, 0x82, 0x21, 0x19, 0x0E, 0x4C]),
            ]),
            CBOR.map([
                (CBOR.uint(0), CBOR.text("hr")), (CBOR.uint(1), CBOR.text("beat/min")), (CBOR.uint(2), CBOR.uint(72)),
                (CBOR.uint(6), CBOR.negative(5)),
            ]),
            CBOR.map([(CBOR.uint(0), CBOR.text("a")), (CBOR.uint(8), CBOR.bytes([1, 2, 3]))]),
            CBOR.map([(CBOR.uint(0), CBOR.text("b")), (CBOR.uint(3), CBOR.text("x")), (CBOR.uint(7), CBOR.uint(60))]),
            CBOR.map([
                (CBOR.text("n"), CBOR.text("c")), (CBOR.uint(4), [0xF5]),
                (CBOR.uint(5), [0xFB, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0]),
            ]),
        ])
    ]

    /// Flags and fields of the Bluetooth SIG's health characteristics (GATT Specification Supplement).
    private static let gatt: [[UInt8]] = [
        [0x06, 0x48], [0x16, 0x54, 0x00, 0x03, 0x40, 0x03], [0x1F, 0x48, 0x01, 0x04, 0x00, 0x00, 0x04],
        [
            0x1E, 0x79, 0x00, 0x4E, 0x00, 0x5D, 0x00, 0xEA, 0x07, 0x03, 0x0A, 0x08, 0x0F, 0x1E, 0x48, 0x00, 0x01, 0x04,
            0x00,
        ],
        [0x01, 0xA0, 0xF0, 0x68, 0xF0, 0x7B, 0xF0],
        [0x06, 0x6E, 0x01, 0x00, 0xFF, 0xEA, 0x07, 0x03, 0x0A, 0x08, 0x0F, 0x1E, 0x02],
        [0x01, 0xD0, 0x0D, 0x00, 0xFE], [0x00, 0xFF, 0xFF, 0x7F, 0x00],
        [0x1F, 0x61, 0x00, 0x48, 0x00]
            + [0xEA, 0x07, 0x03, 0x0A, 0x08, 0x0F, 0x1E, 0x20, 0x00, 0x00, 0x01, 0x00, 0x0A, 0xF0],
        [0x00, 0x61, 0x00, 0x48, 0x00],
        [0x1F, 0x62, 0x00, 0x48, 0x00, 0x62, 0x00, 0x49, 0x00, 0x61, 0x00, 0x47, 0x00, 0x20, 0x00]
            + [0x00, 0x00, 0x01, 0x0A, 0xF0],
        [0x1F, 0x05, 0x00, 0xEA, 0x07, 0x03, 0x0A, 0x08, 0x0F, 0x1E, 0x3C, 0x00, 0x63, 0xB0, 0x11, 0x00, 0x00],
        [0x0E, 0x70, 0x44, 0xEA, 0x07, 0x03, 0x0A, 0x08, 0x0F, 0x1E, 0x01, 0xE6, 0x00, 0xDC, 0x06], [0x00, 0x70, 0x44],
        [0x00, 0xFF, 0x07, 0xFE, 0x07], [0x00, 0x02, 0x08, 0x00, 0x08],
    ]

    /// Births that declare one metric of every datatype with a value of its own field.
    static let sparkplugBirths: [[UInt8]] = [
        Protobuf.payload(
            sequence: 0,
            (1...22).map { type in
                Protobuf.metric(name: "m\(type)", alias: UInt64(type), datatype: UInt64(type), Protobuf.value(of: type))
            }
        ),
        Protobuf.payload(
            sequence: 1,
            [
                Protobuf.metric(name: "Vitals/HR", alias: 1, datatype: 3, Protobuf.varint(10, 72)),
                Protobuf.metric(name: "Vitals/SpO2", alias: 2, datatype: 9, Protobuf.float(12, 97.5)),
                Protobuf.metric(name: "Vitals/NIBP/Sys", alias: 3, datatype: 3, Protobuf.varint(10, 121)),
                Protobuf.metric(
                    name: "Vitals/NIBP/Dia",
                    alias: 4,
                    datatype: 3,
                    Protobuf.varint(10, 79) + Protobuf.varint(5, 1)
                ),
            ]
        ),
    ]

    static let sparkplugData: [[UInt8]] = [
        Protobuf.payload(sequence: 2, [Protobuf.metric(name: nil, alias: 1, datatype: nil, Protobuf.varint(10, 74))]),
        Protobuf.payload(
            sequence: 3,
            [
                Protobuf.metric(name: nil, alias: 2, datatype: nil, Protobuf.varint(7, 1)),
                Protobuf.metric(name: "Vitals/NIBP/Sys", alias: nil, datatype: 3, Protobuf.varint(10, 118)),
                Protobuf.metric(name: "x", alias: nil, datatype: 12, Protobuf.bytes(15, Array("text".utf8))),
                Protobuf.metric(name: "s", alias: nil, datatype: 33, Protobuf.bytes(16, Array("a\u{0}b\u{0}".utf8))),
            ]
        ),
    ]

    private static let compressed =
        TextSeeds.all(.json).flatMap { text in
            [Wrapping.gzip, .zlib, .deflate].map { Enveloping.wrap(text, as: $0) }
        } + Enveloping.squeezed
}
