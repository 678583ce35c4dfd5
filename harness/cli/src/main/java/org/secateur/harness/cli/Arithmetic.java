package org.secateur.harness.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.lowering.Lowering;
import org.secateur.models.core.planning.Step;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.Roofline;

/** How a network is computed: the type of its tensors, the arithmetic on them, and their order in memory. */
record Arithmetic(DataType dataType, MathMode mathMode, Layout layout) {
    /** What every device has. */
    static final Arithmetic DEFAULT = new Arithmetic(DataType.F32, MathMode.DEFAULT, Layout.NCHW);

    /**
     * The same of tensors in libtorch.
     *
     * @throws IllegalArgumentException where it has none
     */
    TensorFormat tensorFormat() {
        return new TensorFormat(dataType, layout);
    }

    /** One training step. */
    StepProgram training(Network network, int batch) {
        return Lowering.training(network, batch, dataType, mathMode, layout);
    }

    /** One inference. */
    StepProgram inference(Network network, int batch) {
        return Lowering.inference(network, batch, dataType, mathMode, layout);
    }

    /** Whose cost counts: see {@link Step}. */
    Step step(int batch, int inferenceBatch, double stepWeight) {
        return new Step(batch, inferenceBatch, stepWeight, dataType, mathMode, layout);
    }

    /** What a device's peaks are measured by. */
    List<WorkloadKey> references() {
        return Roofline.references(dataType, mathMode, layout);
    }

    /** The peaks of a table's device; empty where they were not measured. */
    Optional<Roofline> roofline(CostTable table) {
        return Roofline.of(table, dataType, mathMode, layout);
    }

    /** As it stands on the command line, for example {@code --dtype f16 --math default --layout nhwc}. */
    String text() {
        return "--dtype " + dataType.text() + " --math " + mathMode.text() + " --layout " + layout.text();
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dataType", dataType.text());
        json.put("mathMode", mathMode.text());
        json.put("layout", layout.text());
        return json;
    }
}
