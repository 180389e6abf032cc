// swift-tools-version: 6.1
import PackageDescription

// The architecture, as a table. A target may depend only on targets declared above it; `scripts/test`
// builds with `--explicit-target-dependency-import-check error`, so an import that is not listed here
// does not compile.

/// One module of ours: the folder under `Sources/`, its own dependencies and packages from outside.
struct Layer {
    let folder: String
    let name: String
    let uses: [String]
    let products: [Target.Dependency]
    /// What its tests use besides.
    let testUses: [Target.Dependency]
    /// Files in the folder that are not Swift.
    let exclude: [String]
    let hasTests: Bool

    init(
        _ folder: String,
        _ name: String,
        uses: [String] = [],
        products: [Target.Dependency] = [],
        testUses: [Target.Dependency] = [],
        exclude: [String] = [],
        hasTests: Bool = true
    ) {
        self.folder = folder
        self.name = name
        self.uses = uses
        self.products = products
        self.testUses = testUses
        self.exclude = exclude
        self.hasTests = hasTests
    }

    var target: Target {
        .target(
            name: self.name,
            dependencies: self.uses.map { .target(name: $0) } + self.products,
            path: "Sources/\(self.folder)/\(self.name)",
            exclude: self.exclude,
            swiftSettings: settings + (sizedLayers.isDisjoint(with: [self.folder, self.name]) ? [] : sizedForPackages)
        )
    }
}

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Folders and layers that wait for people, disks and networks, and what runs seldom, are compiled for size by
/// `scripts/package`, as is the program around them: gateways have small disks.
let sizedLayers: Set = [
    "Services", "Contracts", "IBTP", "Incentives", "EVMProofs", "PathProofs", "Relaying", "Uplink", "MLLPIngest",
    "PatientMovements", "ProfileWorkshop",
]
let sizedForPackages: [SwiftSetting] =
    Context.environment["WARDLINE_FOR_PACKAGES"] == nil ? [] : [.unsafeFlags(["-Osize"])]

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let layers: [Layer] = [
    // Foundations: values that everything speaks. No I/O.
    Layer("Foundations", "Units"),
    Layer("Foundations", "Records", uses: ["Units"], products: [crypto]),
    Layer("Foundations", "StrictYAML", products: [yams]),
    Layer("Foundations", "CanonicalBytes"),
    Layer("Foundations", "Merkle", uses: ["Records"], products: [crypto]),
    Layer("Foundations", "TraceContexts", products: [logging]),

    // Cryptography: the pairing-free schemes. Pure but for Credentials, which keeps keys in files.
    Layer(
        "Cryptography",
        "Transcripts",
        uses: ["CanonicalBytes", "COpenSSL"],
        products: [crypto],
        testUses: ["VectorFiles"]
    ),
    Layer("Cryptography", "P256Group", uses: ["CanonicalBytes", "Transcripts", "COpenSSL"]),
    Layer(
        "Cryptography",
        "Secp256k1",
        uses: ["CanonicalBytes", "Transcripts", "COpenSSL"],
        testUses: ["EVMProofs", "IBTP"]
    ),
    Layer("Cryptography", "AccessPolicies", uses: ["CanonicalBytes", "Transcripts"], testUses: ["VectorFiles"]),
    Layer(
        "Cryptography",
        "IndexPages",
        uses: ["CanonicalBytes", "Transcripts"],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "KeywordTags",
        uses: ["CanonicalBytes", "Transcripts"]
    ),
    Layer(
        "Cryptography",
        "Certificates",
        uses: ["CanonicalBytes", "Transcripts", "P256Group"],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "Signcryption",
        uses: ["CanonicalBytes", "Transcripts", "P256Group", "Certificates"],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "Pseudonyms",
        uses: ["CanonicalBytes", "Transcripts", "P256Group", "Certificates"],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "Receipts",
        uses: ["CanonicalBytes", "Records", "Merkle", "P256Group", "Certificates"]
    ),
    Layer(
        "Cryptography",
        "Credentials",
        uses: ["CanonicalBytes", "Transcripts", "P256Group", "Certificates"],
        products: [asyncHTTPClient, crypto, nioCore, nioHTTP1, nioSSL, swiftASN1, x509],
        testUses: ["Authority"]
    ),

    // Cryptography: the pairing layer's arithmetic, from field to pairing.
    Layer("Cryptography", "FiniteFields", uses: ["CanonicalBytes", "CFieldKernels"]),
    Layer(
        "Cryptography",
        "BLS12381",
        uses: ["CanonicalBytes", "Transcripts", "CFieldKernels", "FiniteFields"],
        testUses: ["VectorFiles", crypto]
    ),

    // Cryptography: the schemes over the pairing. No limbs.
    Layer("Cryptography", "SecretSharing", uses: ["CanonicalBytes", "Transcripts", "FiniteFields"]),
    Layer(
        "Cryptography",
        "ThresholdSignatures",
        uses: ["CanonicalBytes", "Transcripts", "P256Group", "FiniteFields", "BLS12381", "SecretSharing"],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "IdentityEncryption",
        uses: [
            "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Signcryption", "FiniteFields", "BLS12381",
            "SecretSharing",
        ],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "AttributeEncryption",
        uses: [
            "CanonicalBytes", "Transcripts", "AccessPolicies", "IndexPages", "FiniteFields", "BLS12381",
            "SecretSharing",
        ],
        testUses: ["VectorFiles"]
    ),

    // Cryptography: proofs of policies in zero knowledge.
    Layer(
        "Cryptography",
        "ConstraintSystems",
        uses: ["CanonicalBytes", "FiniteFields"],
        products: [crypto],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "PolicyProofs",
        uses: [
            "CanonicalBytes", "AccessPolicies", "FiniteFields", "BLS12381", "SecretSharing", "ConstraintSystems",
        ],
        testUses: ["VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "Groth16",
        uses: ["CanonicalBytes", "Transcripts", "FiniteFields", "BLS12381", "SecretSharing", "ConstraintSystems"],
        testUses: ["AccessPolicies", "PolicyProofs", "VectorFiles"]
    ),
    Layer(
        "Cryptography",
        "SetupCeremony",
        uses: [
            "CanonicalBytes", "Transcripts", "FiniteFields", "BLS12381", "SecretSharing", "ConstraintSystems",
            "Groth16",
        ]
    ),

    // Chain: the consortium's ledger. Pure but for LedgerStore (disks) and PeerTransport (sockets).
    Layer("Chain", "Consensus", uses: ["CanonicalBytes", "Transcripts"], products: [crypto]),
    Layer("Chain", "ConsensusSimulation", uses: ["CanonicalBytes", "Transcripts", "Consensus"]),
    Layer("Chain", "StateTree", uses: ["CanonicalBytes", "COpenSSL"], testUses: ["Records"]),
    Layer(
        "Chain",
        "Ledger",
        uses: [
            "Records", "CanonicalBytes", "Merkle", "Transcripts", "P256Group", "Certificates", "Pseudonyms",
            "Consensus", "StateTree",
        ],
        testUses: ["SecretSharing", "BLSCertificates"]
    ),

    Layer(
        "Chain",
        "BLSCertificates",
        uses: [
            "CanonicalBytes", "Transcripts", "FiniteFields", "BLS12381", "SecretSharing", "ThresholdSignatures",
            "Consensus",
        ],
        products: [crypto]
    ),

    // Across chains: messages and their rules, the paths that they took, and what relaying them pays.
    Layer("Chain", "IBTP", uses: ["Records", "CanonicalBytes"], testUses: ["VectorFiles"]),
    Layer(
        "Chain",
        "PathProofs",
        uses: ["Records", "CanonicalBytes", "Merkle", "Transcripts", "BLS12381", "ThresholdSignatures"],
        testUses: ["SecretSharing"]
    ),
    Layer("Chain", "Incentives", uses: ["CanonicalBytes"]),
    Layer("Chain", "EVMProofs", uses: ["Records", "CanonicalBytes", "IBTP"]),
    Layer("Chain", "Relaying", uses: ["IBTP"], testUses: ["CanonicalBytes"]),

    Layer(
        "Chain",
        "Contracts",
        uses: [
            "Records", "CanonicalBytes", "Transcripts", "AccessPolicies", "Certificates", "FiniteFields",
            "ConstraintSystems", "PolicyProofs", "Groth16", "Consensus", "Ledger", "BLSCertificates", "IBTP",
            "PathProofs", "Incentives", "EVMProofs",
        ],
        testUses: ["Merkle", "P256Group", "Pseudonyms", "SecretSharing", "StateTree", "ThresholdSignatures"]
    ),
    Layer("Chain", "Mempool", uses: ["CanonicalBytes"]),
    Layer("Chain", "LedgerStore", uses: ["CanonicalBytes", "CChecksumKernels"], products: [grdbSQLite]),
    Layer(
        "Chain",
        "PeerTransport",
        uses: ["CanonicalBytes", "Certificates", "Credentials"],
        products: [logging, nioCore, nioPosix, nioSSL],
        testUses: ["Authority"]
    ),

    // Bedside: from the monitor's bytes to a FHIR Observation.
    Layer("Bedside", "Payloads", uses: ["Units", "CZlib"]),
    Layer("Bedside", "Expressions", uses: ["Units", "Payloads"]),
    Layer("Bedside", "DeviceProfiles", uses: ["Units", "Records", "StrictYAML", "Payloads", "Expressions"]),
    Layer(
        "Bedside",
        "ProfileWorkshop",
        uses: ["Units", "Records", "StrictYAML", "Payloads", "Expressions", "DeviceProfiles"]
    ),
    Layer("Bedside", "Normalization", uses: ["Units", "Records"]),
    Layer("Bedside", "PatientMovements", uses: ["Records", "CanonicalBytes", "Payloads"]),
    Layer(
        "Bedside",
        "MLLPIngest",
        uses: ["Records", "Payloads"],
        products: [logging, nioCore, nioPosix, nioSSL]
    ),
    Layer("Bedside", "MQTTIngest", uses: ["Records", "CMosquitto"], products: [logging], testUses: ["FreePorts"]),
    Layer("Bedside", "Spool", uses: ["Records", "CZstd"], products: [crypto, grdb, grdbSQLite]),
    Layer("Bedside", "Bundles", uses: ["CanonicalBytes", "CZlib"], products: [crypto]),
    Layer(
        "Bedside",
        "Uplink",
        uses: [
            "Records", "CanonicalBytes", "Merkle", "TraceContexts", "Transcripts", "P256Group", "Certificates",
            "Receipts", "Credentials", "Consensus", "Ledger",
        ],
        products: [asyncHTTPClient, nioCore, nioHTTP1, nioSSL]
    ),

    // Services: long-running compositions of the above.
    Layer(
        "Services",
        "SecureHTTP",
        uses: ["CanonicalBytes", "TraceContexts", "Certificates", "Credentials"],
        products: [
            httpTypes, hummingbird, hummingbirdCore, hummingbirdTLS, logging, nioCore, nioHTTP1, nioHTTPTypes, nioSSL,
            serviceLifecycle,
        ],
        testUses: ["TestLogs", "Authority", "Uplink", nioPosix]
    ),
    Layer(
        "Services",
        "Dashboard",
        uses: ["Records", "StrictYAML", "CanonicalBytes", "Certificates", "Credentials", "SecureHTTP"],
        products: [httpTypes, hummingbird, logging, nioCore, serviceLifecycle],
        testUses: ["Authority", asyncHTTPClient, nioHTTP1, nioSSL]
    ),
    Layer(
        "Services",
        "Agent",
        uses: [
            "Units", "Records", "StrictYAML", "CanonicalBytes", "Merkle", "TraceContexts", "Transcripts", "P256Group",
            "AccessPolicies", "IndexPages", "Certificates", "Signcryption", "Receipts", "Credentials", "Consensus",
            "Ledger", "Contracts", "BLSCertificates", "IdentityEncryption",
            "Payloads", "Expressions", "DeviceProfiles", "Normalization", "PatientMovements", "MLLPIngest",
            "MQTTIngest", "Spool", "Bundles", "Uplink", "Pseudonyms", "SecureHTTP", "Dashboard",
        ],
        products: [
            asyncHTTPClient, crypto, hummingbird, logging, nioCore, nioHTTP1, nioSSL, serviceLifecycle, unixSignals,
        ],
        testUses: [
            "FreePorts", "TestLogs", "StateTree", "FiniteFields", "SecretSharing", "Authority", "Custodian",
            "PrivacyCenter",
        ]
    ),
    Layer(
        "Services",
        "ChainReading",
        uses: [
            "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Signcryption", "Pseudonyms", "Credentials",
            "Consensus", "Ledger", "IBTP", "PathProofs", "Contracts", "BLSCertificates", "Uplink",
        ],
        products: [logging],
        testUses: ["TestIdentities", "StateTree"]
    ),
    Layer(
        "Services",
        "Consortium",
        uses: [
            "StrictYAML", "CanonicalBytes", "Certificates", "Credentials", "Ledger", "Uplink",
        ],
        testUses: ["P256Group", "Consensus"]
    ),
    Layer(
        "Services",
        "Authority",
        uses: [
            "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Credentials", "FiniteFields",
            "SecretSharing", "PolicyProofs", "Consensus", "Ledger", "Contracts", "BLSCertificates", "Uplink",
            "SecureHTTP",
        ],
        products: [crypto, grdb, hummingbird, logging, serviceLifecycle, swiftASN1, x509],
        testUses: ["StateTree"]
    ),
    Layer(
        "Services",
        "PrivacyCenterStore",
        uses: ["Records", "Merkle", "CPostgreSQL"],
        products: [crypto, grdb]
    ),
    Layer(
        "Services",
        "PrivacyCenter",
        uses: [
            "Consensus", "Ledger", "Contracts", "BLSCertificates", "Uplink", "ChainReading",
            "Records", "CanonicalBytes", "Merkle", "Transcripts", "P256Group", "Certificates", "Signcryption",
            "Receipts",
            "Credentials", "SecureHTTP", "PrivacyCenterStore",
        ],
        products: [httpTypes, hummingbird, logging, nioCore, nioPosix, serviceLifecycle],
        testUses: ["TestIdentities", asyncHTTPClient, grdb, nioCore, nioHTTP1, nioSSL]
    ),
    Layer(
        "Services",
        "Custodian",
        uses: [
            "P256Group", "AccessPolicies", "KeywordTags", "IndexPages", "FiniteFields", "BLS12381", "SecretSharing",
            "AttributeEncryption", "StrictYAML", "Consensus", "Ledger", "IBTP", "Contracts", "BLSCertificates",
            "ChainReading", "Records", "CanonicalBytes", "Transcripts", "Certificates", "Signcryption", "Credentials",
            "Bundles", "Normalization",
            "Uplink",
            "SecureHTTP", "Dashboard",
        ],
        products: [grdb, hummingbird, logging, serviceLifecycle],
        testUses: ["Authority", "StateTree"]
    ),
    Layer(
        "Services",
        "Receiving",
        uses: [
            "ChainReading", "Ledger", "Contracts",
            "Records", "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Signcryption", "Credentials",
            "IdentityEncryption", "Bundles", "Uplink",
        ],
        testUses: [
            "TestIdentities", "FiniteFields", "BLS12381", "SecretSharing", "PrivacyCenterStore", "PrivacyCenter",
            "Custodian", logging, serviceLifecycle,
        ]
    ),
    Layer(
        "Services",
        "Pseudonymity",
        uses: [
            "Records", "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Pseudonyms", "Credentials",
            "Consensus", "Ledger", "Contracts", "BLSCertificates", "Uplink", "SecureHTTP", "ChainReading",
        ],
        products: [grdb, hummingbird, logging, serviceLifecycle],
        testUses: ["TestIdentities", "Authority", "StateTree"]
    ),
    Layer(
        "Services",
        "AttributeIssuing",
        uses: [
            "CanonicalBytes", "Transcripts", "P256Group", "AccessPolicies", "Certificates", "Signcryption",
            "Credentials", "FiniteFields", "BLS12381", "SecretSharing", "AttributeEncryption", "Consensus", "Ledger",
            "Contracts", "BLSCertificates", "Uplink", "SecureHTTP", "ChainReading",
        ],
        products: [grdb, hummingbird, logging, serviceLifecycle],
        testUses: ["TestIdentities", "Pseudonyms", "IndexPages", asyncHTTPClient, nioCore, nioHTTP1]
    ),
    Layer(
        "Services",
        "ConsentTools",
        uses: [
            "Records", "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Credentials", "Ledger",
            "Contracts",
            "Payloads", "Uplink", "ChainReading", "CQREncode",
        ],
        testUses: ["TestIdentities"]
    ),
    Layer(
        "Services",
        "AuditTrail",
        uses: [
            "CanonicalBytes", "Transcripts", "Certificates", "Consensus", "Ledger", "IBTP", "Contracts",
            "BLSCertificates", "Uplink", "ChainReading",
        ],
        testUses: ["TestIdentities", "Credentials"]
    ),
    Layer(
        "Services",
        "Validator",
        uses: [
            "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Credentials", "Consensus", "StateTree",
            "Ledger", "Contracts", "BLSCertificates", "Mempool", "LedgerStore", "PeerTransport", "SecretSharing",
        ],
        products: [logging, serviceLifecycle],
        testUses: ["FreePorts", "Authority"]
    ),
    Layer(
        "Services",
        "ChainInterface",
        uses: ["CanonicalBytes", "Certificates", "Credentials", "Consensus", "Ledger", "Contracts", "SecureHTTP"],
        products: [httpTypes, hummingbird, logging, nioCore, serviceLifecycle],
        testUses: [
            "TestIdentities", "P256Group", "StateTree", "Uplink", asyncHTTPClient, nioHTTP1,
        ]
    ),
    Layer(
        "Services",
        "KeyIssuing",
        uses: [
            "ChainReading",
            "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Signcryption", "Credentials",
            "SecretSharing",
            "IdentityEncryption", "Consensus", "Ledger", "Contracts", "BLSCertificates", "Uplink", "SecureHTTP",
        ],
        products: [grdb, httpTypes, hummingbird, logging, serviceLifecycle],
        testUses: ["TestIdentities", "FreePorts", asyncHTTPClient, nioCore, nioHTTP1]
    ),
    Layer(
        "Services",
        "EVMAdapter",
        uses: ["CanonicalBytes", "Secp256k1", "IBTP", "EVMProofs", "Relaying"],
        products: [asyncHTTPClient, nioCore, nioHTTP1],
        testUses: [nioPosix],
        exclude: ["Contract/Broker.vy"]
    ),
    Layer(
        "Services",
        "Attesting",
        uses: [
            "Records", "CanonicalBytes", "Transcripts", "Certificates", "SecretSharing", "ThresholdSignatures",
            "Credentials", "Consensus", "Ledger", "BLSCertificates", "IBTP", "PathProofs", "Contracts", "Uplink",
            "SecureHTTP", "ChainReading", "Relaying", "Secp256k1", "EVMProofs", "EVMAdapter",
        ],
        products: [crypto, grdb, hummingbird, logging, serviceLifecycle],
        testUses: ["TestIdentities", "TestIslands", asyncHTTPClient]
    ),
    Layer(
        "Services",
        "Gateway",
        uses: [
            "Records", "CanonicalBytes", "Transcripts", "Certificates", "ThresholdSignatures", "Credentials",
            "Consensus", "Ledger", "BLSCertificates", "IBTP", "PathProofs", "Relaying", "Contracts", "Uplink",
            "SecureHTTP", "ChainReading", "Attesting", "EVMProofs", "EVMAdapter",
        ],
        products: [hummingbird, logging, serviceLifecycle],
        testUses: ["TestIdentities", "TestIslands"]
    ),
    Layer(
        "Services",
        "Node",
        uses: [
            "ChainReading", "Pseudonymity", "AttributeIssuing",
            "Records", "StrictYAML", "CanonicalBytes", "Certificates", "Signcryption", "Credentials", "Consensus",
            "Ledger", "BLSCertificates", "Mempool", "PeerTransport", "SecureHTTP", "Authority", "PrivacyCenterStore",
            "PrivacyCenter", "Custodian", "Validator", "ChainInterface", "IdentityEncryption", "KeyIssuing",
            "Attesting", "Gateway", "Relaying", "EVMProofs", "EVMAdapter", "Contracts", "Dashboard", "AuditTrail",
        ],
        products: [logging, serviceLifecycle, unixSignals],
        testUses: ["FreePorts"]
    ),

    Layer(
        "Services",
        "ProofFiles",
        uses: [
            "Units", "CanonicalBytes", "Transcripts", "AccessPolicies", "Credentials", "Payloads", "FiniteFields",
            "BLS12381", "SecretSharing", "ConstraintSystems", "PolicyProofs", "Groth16", "SetupCeremony",
        ]
    ),

    Layer(
        "Services",
        "Requesting",
        uses: [
            "Units", "Records", "CanonicalBytes", "Merkle", "Transcripts", "P256Group", "AccessPolicies", "Payloads",
            "IndexPages", "KeywordTags", "Certificates", "Signcryption", "Pseudonyms", "Credentials", "FiniteFields",
            "BLS12381", "SecretSharing", "IdentityEncryption", "AttributeEncryption", "PolicyProofs", "Groth16",
            "Consensus", "Ledger", "IBTP", "PathProofs", "Contracts", "BLSCertificates", "Bundles", "Uplink",
            "ChainReading", "Consortium",
            "Pseudonymity", "AttributeIssuing", "ProofFiles", "KeyIssuing", "Receiving",
        ],
        products: [crypto],
        testUses: ["TestIdentities", "StateTree"]
    ),

    // The test vectors' runner; the program `wardline-conformance` is its command line.
    Layer(
        "Programs",
        "Conformance",
        uses: [
            "Records", "CanonicalBytes", "Transcripts", "P256Group", "AccessPolicies", "Certificates", "Signcryption",
            "Pseudonyms", "IndexPages", "FiniteFields", "BLS12381", "SecretSharing", "ThresholdSignatures",
            "IdentityEncryption", "AttributeEncryption", "ConstraintSystems", "PolicyProofs", "Groth16", "IBTP",
        ]
    ),

    // Of the benchmarks: whether two samples of times differ.
    Layer("Programs", "TimingStatistics"),
]

let cTargets: [Target] = [
    // Limbs only: field arithmetic in C and assembly.
    .target(name: "CFieldKernels", path: "Sources/Cryptography/CFieldKernels"),
    // One instruction that Swift has no name for.
    .target(name: "CChecksumKernels", path: "Sources/Chain/CChecksumKernels"),
    .systemLibrary(
        name: "CMosquitto",
        path: "Sources/SystemLibraries/CMosquitto",
        pkgConfig: "libmosquitto",
        providers: [.apt(["libmosquitto-dev"])]
    ),
    .systemLibrary(
        name: "COpenSSL",
        path: "Sources/SystemLibraries/COpenSSL",
        pkgConfig: "libcrypto",
        providers: [.apt(["libssl-dev"])]
    ),
    .systemLibrary(
        name: "CPostgreSQL",
        path: "Sources/SystemLibraries/CPostgreSQL",
        pkgConfig: "libpq",
        providers: [.apt(["libpq-dev"])]
    ),
    .systemLibrary(
        name: "CQREncode",
        path: "Sources/SystemLibraries/CQREncode",
        pkgConfig: "libqrencode",
        providers: [.apt(["libqrencode-dev"])]
    ),
    .systemLibrary(name: "CMalloc", path: "Sources/SystemLibraries/CMalloc"),
    .systemLibrary(
        name: "CZlib",
        path: "Sources/SystemLibraries/CZlib",
        pkgConfig: "zlib",
        providers: [.apt(["zlib1g-dev"])]
    ),
    .systemLibrary(
        name: "CZstd",
        path: "Sources/SystemLibraries/CZstd",
        pkgConfig: "libzstd",
        providers: [.apt(["libzstd-dev"])]
    ),
]

/// Folders and layers whose tests are compiled without the optimizer, which takes half of the compile time.
///
/// They wait for servers, disks and timers, or are long and run shortly, and what they test is optimized all the same; tests of
/// arithmetic and of simulated chains compute themselves.
let unoptimizedTests: Set = ["Bedside", "Services", "Contracts", "PathProofs"]

/// A test target for one layer: it may import that layer and everything the layer imports.
func tests(_ layer: Layer) -> Target {
    .testTarget(
        name: "\(layer.name)Tests",
        dependencies: ([layer.name] + layer.uses).map { .target(name: $0) } + layer.products + layer.testUses,
        path: "Tests/\(layer.name)Tests",
        swiftSettings: settings
            + (unoptimizedTests.isDisjoint(with: [layer.folder, layer.name]) ? [] : [.unsafeFlags(["-Onone"])])
    )
}

/// Reads the test vectors for the tests of several layers.
let vectorFiles = Target.target(
    name: "VectorFiles",
    dependencies: ["CanonicalBytes"],
    path: "Tests/VectorFiles",
    swiftSettings: settings
)

/// Ports for the servers that tests of several layers start.
let freePorts = Target.target(name: "FreePorts", path: "Tests/FreePorts", swiftSettings: settings)

/// Reads what programs log.
let testLogs = Target.target(
    name: "TestLogs",
    dependencies: ["TraceContexts", logging],
    path: "Tests/TestLogs",
    swiftSettings: settings
)

/// Certified identities for the tests of several services.
let testIdentities = Target.target(
    name: "TestIdentities",
    dependencies: ["CanonicalBytes", "P256Group", "Certificates", "Credentials", crypto, swiftASN1, x509],
    path: "Tests/TestIdentities",
    swiftSettings: settings
)

/// Chains in one process that meet on a relay chain, with verification nodes.
let testIslands = Target.target(
    name: "TestIslands",
    dependencies: [
        "CanonicalBytes", "Certificates", "Credentials", "Consensus", "Ledger", "Contracts", "PathProofs",
        "ThresholdSignatures", "PeerTransport", "Uplink", "SecureHTTP", "ChainReading", "Validator", "ChainInterface",
        "Attesting", "TestIdentities", asyncHTTPClient, logging, nioCore, nioHTTP1, nioSSL, serviceLifecycle,
    ],
    path: "Tests/TestIslands",
    swiftSettings: settings
)

let package = Package(
    name: "wardline",
    products: [
        .executable(name: "wardline", targets: ["wardline"]),
        .executable(name: "wardline-conformance", targets: ["wardline-conformance"]),
        .executable(name: "wardline-sim", targets: ["wardline-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: cTargets + layers.map(\.target) + layers.filter(\.hasTests).map(tests) + [
        vectorFiles,
        freePorts,
        testLogs,
        testIdentities,
        testIslands,
        .executableTarget(
            name: "wardline",
            dependencies: [
                "CMalloc", "Units", "Records", "StrictYAML", "CanonicalBytes", "TraceContexts", "P256Group",
                "AccessPolicies", "Certificates", "Receipts",
                "Credentials", "Consensus", "Ledger", "Contracts", "BLSCertificates", "Payloads", "Expressions",
                "DeviceProfiles", "PatientMovements", "ProfileWorkshop", "Spool", "Uplink", "Agent", "Authority",
                "PrivacyCenterStore",
                "PrivacyCenter",
                "Custodian", "Receiving", "Validator", "ChainInterface", "Transcripts", "Signcryption",
                "IdentityEncryption", "KeyIssuing", "FiniteFields", "SecretSharing", "ConstraintSystems",
                "PolicyProofs",
                "Groth16", "SetupCeremony", "ProofFiles", "Node", "ChainReading", "Consortium", "Pseudonymity",
                "AttributeIssuing", "AttributeEncryption", "KeywordTags", "Pseudonyms", "ConsentTools", "AuditTrail",
                "Requesting", "IBTP", "PathProofs", "ThresholdSignatures", "Incentives", "EVMProofs", "Secp256k1",
                "Relaying", "Attesting", "Gateway", "EVMAdapter", "Dashboard", argumentParser, logging, unixSignals,
            ],
            path: "Sources/Programs/wardline",
            swiftSettings: settings + sizedForPackages
        ),
        .executableTarget(
            name: "wardline-bench",
            dependencies: [
                "Records", "StrictYAML", "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Signcryption",
                "IndexPages", "Credentials", "Consensus", "StateTree", "Ledger", "Contracts", "BLSCertificates",
                "LedgerStore", "Expressions", "DeviceProfiles", "Normalization", "Bundles", "FiniteFields", "BLS12381",
                "AccessPolicies", "SecretSharing", "ThresholdSignatures", "IdentityEncryption", "AttributeEncryption",
                "ConstraintSystems", "PolicyProofs", "Groth16", "PathProofs", "TimingStatistics", "COpenSSL",
                asyncHTTPClient,
                argumentParser, nioCore, nioHTTP1, nioSSL,
            ],
            path: "Sources/Programs/wardline-bench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "wardline-conformance",
            dependencies: ["Conformance", argumentParser],
            path: "Sources/Programs/wardline-conformance",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "wardline-fuzz",
            dependencies: [
                "Units", "Records", "StrictYAML", "CanonicalBytes", "P256Group", "AccessPolicies", "Certificates",
                "Signcryption", "Pseudonyms", "Receipts", "SecretSharing", "BLS12381", "IdentityEncryption",
                "ThresholdSignatures", "Consensus", "PathProofs", "IBTP", "EVMProofs", "Incentives",
                "ConsensusSimulation", "StateTree", "Ledger", "Contracts", "BLSCertificates", "LedgerStore",
                "FiniteFields", "ConstraintSystems", "Groth16", "SetupCeremony", "PeerTransport", "Payloads",
                "Expressions", "DeviceProfiles", "PatientMovements", "Bundles", "IndexPages", "Validator",
                "AttributeEncryption", "PolicyProofs", "Credentials", "Uplink", "ProfileWorkshop", "ChainReading",
                "AttributeIssuing", "Attesting", "Pseudonymity", "ConsentTools", "Custodian", "ProofFiles",
                "EVMAdapter",
                "Agent", "Node",
                argumentParser,
            ],
            path: "Sources/Programs/wardline-fuzz",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "wardline-sim",
            dependencies: [
                "CMosquitto", "Records", "CanonicalBytes", "Transcripts", "P256Group", "Certificates", "Signcryption",
                "Credentials", "FiniteFields", "BLS12381", "SecretSharing", "IdentityEncryption", "Uplink",
                "ConsensusSimulation", "Incentives", "PrivacyCenterStore", "PrivacyCenter", "Custodian", "Receiving",
                "KeyIssuing", "Ledger", "BLSCertificates", "IBTP", "Contracts", "ChainReading", argumentParser,
            ],
            path: "Sources/Programs/wardline-sim",
            exclude: ["DIALECTS.md"],
            swiftSettings: settings
        ),
        // For scripts/soak --chain; no product, so that no package contains it.
        .executableTarget(
            name: "wardline-byzantine",
            dependencies: [
                "CanonicalBytes", "Certificates", "Credentials", "Consensus", "Ledger", "Contracts",
                "BLSCertificates", "PeerTransport", "Validator", "Node", "IBTP", "PathProofs", "ThresholdSignatures",
                "Uplink", "ChainReading", "Attesting", argumentParser, logging, serviceLifecycle, unixSignals,
            ],
            path: "Sources/Programs/wardline-byzantine",
            swiftSettings: settings
        ),
    ]
)
