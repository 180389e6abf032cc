/// The record by which a gateway hands the key of its index pages to the owner of a scope.
///
/// Its data are the 32 bytes of the key; scope and sender stand in the envelope's header (ADR 0019).
package enum IndexKeyRecord {
    /// Type of the record.
    package static let recordType = "wardline.index-key"
}
