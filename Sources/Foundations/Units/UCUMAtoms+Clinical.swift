extension UCUMAtom {
    /// Definitions of clinical and chemical units (UCUM 2.2): symbol, kind, value, unit of the value, human display.
    ///
    /// Pressure of a column, dioptre, catalytic and international units, levels in bel.
    static let clinical = """
        m[H2O]       metric            9.80665   kPa              mH₂O
        m[Hg]        metric            133.3220  kPa              mHg
        [in_i'H2O]   plain             1         m[H2O].[in_i]/m  inH₂O
        [in_i'Hg]    plain             1         m[Hg].[in_i]/m   inHg
        [PRU]        plain             1         mm[Hg].s/ml      PRU
        [wood'U]     plain             1         mm[Hg].min/L     WU
        [diop]       plain             1         /m               dpt
        [p'diop]     level             1         1
        %[slope]     level             1         1
        [mesh_i]     plain             1         /[in_i]
        [Ch]         plain             1         mm/3             Fr
        [drp]        plain             1         ml/20            drop
        [hnsf'U]     plain             1         1
        [MET]        plain             3.5       mL/min/kg        MET
        [hp'_X]      level             1         1
        [hp'_C]      level             1         1
        [hp'_M]      level             1         1
        [hp'_Q]      level             1         1
        [hp_X]       arbitrary         1         1
        [hp_C]       arbitrary         1         1
        [hp_M]       arbitrary         1         1
        [hp_Q]       arbitrary         1         1
        [kp_X]       arbitrary         1         1
        [kp_C]       arbitrary         1         1
        [kp_M]       arbitrary         1         1
        [kp_Q]       arbitrary         1         1
        eq           metric            1         mol              Eq
        osm          metric            1         mol              Osm
        [pH]         level             1         1                pH
        g%           metric            1         g/dl
        [S]          plain             1         10*-13.s
        [HPF]        plain             1         1                HPF
        [LPF]        plain             100       1                LPF
        kat          metric            1         mol/s
        U            metric            1         umol/min
        [iU]         arbitrary-metric  1         1                IU
        [IU]         metric            1         [iU]             IU
        [arb'U]      arbitrary         1         1                arb.U
        [USP'U]      arbitrary         1         1                USP.U
        [GPL'U]      arbitrary         1         1
        [MPL'U]      arbitrary         1         1
        [APL'U]      arbitrary         1         1
        [beth'U]     arbitrary         1         1
        [anti'Xa'U]  arbitrary         1         1
        [todd'U]     arbitrary         1         1
        [dye'U]      arbitrary         1         1
        [smgy'U]     arbitrary         1         1
        [bdsk'U]     arbitrary         1         1
        [ka'U]       arbitrary         1         1
        [knk'U]      arbitrary         1         1
        [mclg'U]     arbitrary         1         1
        [tb'U]       arbitrary         1         1
        [CCID_50]    arbitrary         1         1
        [TCID_50]    arbitrary         1         1
        [EID_50]     arbitrary         1         1
        [PFU]        arbitrary         1         1                PFU
        [FFU]        arbitrary         1         1
        [CFU]        arbitrary         1         1                CFU
        [IR]         arbitrary         1         1
        [BAU]        arbitrary         1         1
        [AU]         arbitrary         1         1
        [Amb'a'1'U]  arbitrary         1         1
        [PNU]        arbitrary         1         1
        [Lf]         arbitrary         1         1
        [D'ag'U]     arbitrary         1         1
        [FEU]        arbitrary         1         1                FEU
        [ELU]        arbitrary         1         1
        [EU]         arbitrary         1         1                EU
        Np           level-metric      1         1
        B            level-metric      1         1
        B[SPL]       level-metric      1         1                B(SPL)
        B[V]         level-metric      1         1
        B[mV]        level-metric      1         1
        B[uV]        level-metric      1         1
        B[10.nV]     level-metric      1         1
        B[W]         level-metric      1         1
        B[kW]        level-metric      1         1
        """
}
