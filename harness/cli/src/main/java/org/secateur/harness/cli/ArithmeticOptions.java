package org.secateur.harness.cli;

import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine.Option;

/** In which arithmetic a network is measured. */
final class ArithmeticOptions {
    @Option(
            names = "--dtype",
            paramLabel = "T",
            description = "Type of activations and weights: f32, f16 or bf16; sums are in f32"
                    + " (default: f32; f16 on cuda:N only).")
    private DataType dataType = DataType.F32;

    @Option(
            names = "--math",
            paramLabel = "M",
            description = "Arithmetic of f32: default, its own, or tf32 on tensor cores"
                    + " (default: default; tf32 on cuda:N only).")
    private MathMode mathMode = MathMode.DEFAULT;

    @Option(
            names = "--layout",
            paramLabel = "L",
            description =
                    "Order of tensors in memory: nchw, or nhwc, channels last (default: nchw; a run tells its own as"
                            + " arithmetic.layout in its result.json).")
    private Layout layout = Layout.NCHW;

    /**
     * What was asked for.
     *
     * @param kind of the device, {@code cpu} or {@code cuda}
     * @throws SecateurException when such a device does not have it
     */
    Arithmetic of(String kind) {
        Arithmetic asked = new Arithmetic(dataType, mathMode, layout);
        if (mathMode == MathMode.TF32 && dataType != DataType.F32) {
            throw SecateurException.badInput(
                    "tf32 is arithmetic of f32", asked.text(), "leave out --math tf32, or --dtype");
        }
        if (!kind.equals("cuda") && (mathMode != MathMode.DEFAULT || dataType == DataType.F16)) {
            throw SecateurException.badInput(
                    "the processor computes in f32 or bf16 of default math only",
                    asked.text(),
                    "leave it out, or use --device cuda:N");
        }
        return asked;
    }
}
