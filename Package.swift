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

    init(_ folder: String, _ name: String, uses: [String] = [], products: [Target.Dependency] = []) {
        self.folder = folder
        self.name = name
        self.uses = uses
        self.products = products
    }

    var target: Target {
        .target(
            name: self.name,
            dependencies: self.uses.map { .target(name: $0) } + self.products,
            path: "Sources/\(self.folder)/\(self.name)",
            swiftSettings: settings
        )
    }
}

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let layers: [Layer] = [
    // Foundations: values that everything speaks. No I/O.
    Layer("Foundations", "Units"),
    Layer("Foundations", "Records", uses: ["Units"], products: [crypto]),
    Layer("Foundations", "StrictYAML", products: [yams]),
    Layer("Foundations", "CanonicalBytes"),
    Layer("Foundations", "Merkle", uses: ["Records"], products: [crypto]),

    // Cryptography: the pairing-free schemes. Pure but for Credentials, which keeps keys in files.
    Layer("Cryptography", "Transcripts", uses: ["CanonicalBytes", "COpenSSL"], products: [crypto]),
    Layer("Cryptography", "P256Group", uses: ["CanonicalBytes", "Transcripts", "COpenSSL"]),
    Layer("Cryptography", "Certificates", uses: ["CanonicalBytes", "Transcripts", "P256Group"]),

    // Bedside: from the monitor's bytes to a FHIR Observation.
    Layer("Bedside", "Payloads", uses: ["Units", "CZlib"]),
    Layer("Bedside", "Expressions", uses: ["Units", "Payloads"]),
    Layer("Bedside", "DeviceProfiles", uses: ["Units", "Records", "StrictYAML", "Payloads", "Expressions"]),
    Layer("Bedside", "Normalization", uses: ["Units", "Records"]),
    Layer("Bedside", "MQTTIngest", uses: ["Records", "CMosquitto"], products: [logging]),
    Layer("Bedside", "Spool", uses: ["Records", "CZstd"], products: [crypto, grdb]),

    // Services: long-running compositions of the above.
    Layer(
        "Services",
        "Agent",
        uses: [
            "Units", "Records", "StrictYAML", "Payloads", "Expressions", "DeviceProfiles", "Normalization",
            "MQTTIngest", "Spool",
        ],
        products: [crypto, hummingbird, logging, serviceLifecycle, unixSignals]
    ),
]

let systemLibraries: [Target] = [
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

/// A test target for one layer: it may import that layer and everything the layer imports.
func tests(_ layer: Layer) -> Target {
    .testTarget(
        name: "\(layer.name)Tests",
        dependencies: ([layer.name] + layer.uses).map { .target(name: $0) } + layer.products,
        path: "Tests/\(layer.name)Tests",
        swiftSettings: settings
    )
}

let package = Package(
    name: "wardline",
    products: [
        .executable(name: "wardline", targets: ["wardline"]),
        .executable(name: "wardline-sim", targets: ["wardline-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: systemLibraries + layers.map(\.target) + layers.map(tests) + [
        .executableTarget(
            name: "wardline",
            dependencies: [
                "CMalloc", "Units", "Records", "StrictYAML", "Payloads", "Expressions", "DeviceProfiles", "Spool",
                "Agent", argumentParser, logging,
            ],
            path: "Sources/Programs/wardline",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "wardline-bench",
            dependencies: ["Records", "StrictYAML", "Expressions", "DeviceProfiles", "Normalization", argumentParser],
            path: "Sources/Programs/wardline-bench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "wardline-fuzz",
            dependencies: [
                "Units", "Records", "StrictYAML", "Payloads", "Expressions", "DeviceProfiles", argumentParser,
            ],
            path: "Sources/Programs/wardline-fuzz",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "wardline-sim",
            dependencies: ["CMosquitto", argumentParser],
            path: "Sources/Programs/wardline-sim",
            exclude: ["DIALECTS.md"],
            swiftSettings: settings
        ),
    ]
)
