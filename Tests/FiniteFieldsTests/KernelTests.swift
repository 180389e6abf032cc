import CFieldKernels
import FiniteFields
import Testing

@Suite(.serialized) struct KernelTests {
    /// Results of many operations over random and extreme operands.
    private static func results() -> [Fp12] {
        var generator = SplitMix64(state: 11)
        var results: [Fp12] = []
        for _ in 0..<300 {
            let a = Fp12.sample(&generator)
            let b = Fp12.sample(&generator)
            results += [a * b, a.squared(), a.inverse(), a.cyclotomicallySquared(times: 3)]
            results.append(Fp12(Fp6(a.c0.c0 * b.c0.c0, a.c0.c1.squared(), a.c0.c2.inverse()), a.c1 * b.c1))
        }
        return results
    }

    @Test("Assembly and portable C give the same")
    func agreement() {
        let isUsed = wl_field_use_assembly(1)
        let fast = Self.results()
        #expect(wl_field_use_assembly(0) == 0)
        let portable = Self.results()
        #expect(wl_field_use_assembly(1) == isUsed)
        #expect(fast == portable)
    }

    @Test("Points doubled and added by both kernels are the same")
    func points() {
        var generator = SplitMix64(state: 12)
        for _ in 0..<100 {
            let point = wl_g2(x: Fp2.sample(&generator).value, y: Fp2.sample(&generator).value, z: Fp2.one.value)
            var results: [[Fp2]] = []
            for choice: Int32 in [1, 0] {
                wl_field_use_assembly(choice)
                var doubled = wl_g2()
                var sum = wl_g2()
                withUnsafePointer(to: point) { wl_g2_double(&doubled, $0, 2) }
                withUnsafePointer(to: point) { point in
                    withUnsafePointer(to: doubled) { wl_g2_add(&sum, $0, point) }
                }
                results.append([sum.x, sum.y, sum.z].map { Fp2($0) })
            }
            wl_field_use_assembly(1)
            #expect(results[0] == results[1])
        }
    }

    @Test("A selection leaves everything else alone", arguments: 0...5 as ClosedRange<UInt64>)
    func selection(_ index: UInt64) {
        let table = (1...4).map { Fp($0) }
        var result = Fp(99).value
        withUnsafeMutableBytes(of: &result) { result in
            table.withUnsafeBytes { table in
                guard let target = result.assumingMemoryBound(to: UInt64.self).baseAddress,
                    let source = table.assumingMemoryBound(to: UInt64.self).baseAddress
                else { return }
                wl_select(target, source, 6, 4, index)
            }
        }
        #expect(Fp(result) == ((1...4).contains(index) ? Fp(index) : Fp(99)))
    }
}
