/// The record by which a gateway hands an epoch key to the owner of the data (cryptographic specification, section 6.4).
///
/// Its data are the 32 bytes of the key, its id is the capsule's digest in hexadecimal digits.
package enum EpochKeyRecord {
    /// Type of the record.
    package static let recordType = "wardline.epoch-key"
}
