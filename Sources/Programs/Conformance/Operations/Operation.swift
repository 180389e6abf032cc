/// One operation of the vector files: from the `in` of a case to its `out`.
package struct Operation: Sendable {
    package let name: String
    /// Throws `ProtocolFailure` when the operation refuses, ``MalformedInput`` when the case is no case of it.
    package let run: @Sendable (CaseInput) throws -> JSONObject

    init(_ name: String, _ run: @escaping @Sendable (CaseInput) throws -> JSONObject) {
        self.name = name
        self.run = run
    }
}

/// Every operation that vector files may name.
package struct OperationTable: Sendable {
    package enum Entry: Sendable {
        case built(Operation)
        /// Of the specification, but of a scheme that is not in this program.
        case notBuilt
        case unknown
    }

    package static let standard = OperationTable(
        EncodingOperations.all + P256Operations.all + CertificateOperations.all + SigncryptionOperations.all
            + GrantOperations.all + PseudonymOperations.all + PolicyOperations.all + BLSOperations.all
            + IndexPageOperations.all + ThresholdOperations.all + IdentityEncryptionOperations.all
            + AttributeEncryptionOperations.all,
        notBuilt: NotBuiltOperations.names
    )

    package let built: [Operation]
    package let notBuilt: [String]

    init(_ built: [Operation], notBuilt: [String]) {
        self.built = built
        self.notBuilt = notBuilt
    }

    package subscript(name: String) -> Entry {
        if let operation = self.built.first(where: { $0.name == name }) { return .built(operation) }
        return self.notBuilt.contains(name) ? .notBuilt : .unknown
    }
}
