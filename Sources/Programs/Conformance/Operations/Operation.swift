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
    package static let standard = OperationTable(
        EncodingOperations.all + P256Operations.all + CertificateOperations.all + SigncryptionOperations.all
            + GrantOperations.all + PseudonymOperations.all + PolicyOperations.all + BLSOperations.all
            + IndexPageOperations.all + ThresholdOperations.all + IdentityEncryptionOperations.all
            + AttributeEncryptionOperations.all + PolicyProofOperations.all + InterchainOperations.all
    )

    package let operations: [Operation]

    init(_ operations: [Operation]) { self.operations = operations }

    package subscript(name: String) -> Operation? { self.operations.first { $0.name == name } }
}
