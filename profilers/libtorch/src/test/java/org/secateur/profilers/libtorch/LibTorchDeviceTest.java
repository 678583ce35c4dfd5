package org.secateur.profilers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.profilers.core.Device;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.Kernel;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation;
import org.secateur.results.core.Operation.Activation;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Add;
import org.secateur.results.core.Operation.BatchNorm;
import org.secateur.results.core.Operation.Concat;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.IndexMap;
import org.secateur.results.core.Operation.Linear;
import org.secateur.results.core.Operation.Operand;
import org.secateur.results.core.Operation.OptimizerStep;
import org.secateur.results.core.Operation.Pad;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.Operation.SoftmaxLoss;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.StepProgram;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

@Tag("native")
@SuppressWarnings("NullAway.Init") // set before all tests
class LibTorchDeviceTest {
    private static final long CACHE = 1L << 18;
    private static LibTorch library;
    private static LibTorchDevice device;

    @BeforeAll
    static void open() {
        library = LibTorch.load(1); // two would spin for milliseconds a launch on a busy machine
        device = new LibTorchDevice(library, CACHE);
    }

    @AfterAll
    static void close() {
        device.close();
    }

    /** The kinds of operations of a small option-A residual network, and those that pruning adds. */
    private static List<Workload> workloads() {
        return workloads(DataType.F32, Layout.NCHW);
    }

    private static List<Workload> workloads(DataType dataType, Layout layout) {
        Extent one = Extent.of(1);
        List<Operation> operations = List.of(
                new Convolution(4, 3, 16, 16, 8, 3, 3, one, one, one, 1),
                new Convolution(4, 8, 16, 16, 16, 3, 3, Extent.of(2), one, one, 1),
                new BatchNorm(4, 8, 16, 16, true),
                new BatchNorm(4, 8, 16, 16, false),
                new Activation(4, 8, 16, 16, ActivationKind.RELU),
                new Activation(4, 8, 16, 16, new ActivationKind(-1, 2)),
                new Pad(4, 8, 16, 16, Extent.of(0), one),
                new Pooling(4, 16, 8, 8, PoolingKind.PADDED_AVERAGE, Extent.of(3), one, one, false),
                new IndexMap(4, 8, 16, 16, 16, 8, Extent.of(2)),
                new IndexMap(4, 8, 16, 16, 13, 5, Extent.of(2)),
                new Add(4, 16, 8, 8, Operand.TENSOR),
                new Add(4, 16, 8, 8, Operand.CHANNEL),
                new Add(4, 16, 8, 8, Operand.MAP),
                new Pooling(4, 16, 8, 8, PoolingKind.MAX, Extent.of(2), Extent.of(2), Extent.of(0), false),
                new Pooling(4, 16, 8, 8, PoolingKind.AVERAGE, Extent.of(8), Extent.of(8), Extent.of(0), false),
                new Concat(4, List.of(8, 16), 8, 8),
                new Linear(4, 16, 10),
                new SoftmaxLoss(4, 10),
                new OptimizerStep(2_000, 12));
        List<Workload> workloads = new ArrayList<>();
        for (Operation operation : operations) {
            for (Pass pass : operation.passes(true)) {
                if (!(operation instanceof Add) || pass == Pass.FORWARD) {
                    workloads.add(new Workload(operation, pass, dataType, MathMode.DEFAULT, layout));
                }
            }
        }
        return workloads;
    }

    @ParameterizedTest
    @CsvSource({"F32, NCHW", "F32, NHWC", "BF16, NCHW", "BF16, NHWC"})
    void everyWorkloadOpensLaunchesAndFreesAllItsPointers(DataType dataType, Layout layout) {
        long before = Pointer.totalCount();
        for (Workload workload : workloads(dataType, layout)) {
            for (Regime regime : Regime.values()) {
                try (Kernel kernel = device.open(new WorkloadKey(workload, regime, Request.DEFAULT))) {
                    for (int i = 0; i < 3; i++) {
                        kernel.launch();
                    }
                    kernel.synchronize();
                }
                assertThat(Pointer.totalCount()).as(workload.text()).isEqualTo(before);
            }
        }
    }

    @Test
    void fiveHundredLaunchesGrowNothing() {
        for (Workload workload : workloads()) {
            try (Kernel kernel = device.open(new WorkloadKey(workload, Regime.HOT, Request.DEFAULT))) {
                for (int i = 0; i < 20; i++) {
                    kernel.launch();
                }
                long pointers = Pointer.totalCount();
                long bytes = Pointer.physicalBytes();
                for (int i = 0; i < 500; i++) {
                    kernel.launch();
                }
                assertThat(Pointer.totalCount()).as(workload.text()).isEqualTo(pointers);
                // Every output is 8 KiB or more, so 500 kept ones would show; Java's heap may grow meanwhile.
                assertThat(Pointer.physicalBytes() - bytes)
                        .as("growth under " + workload.text())
                        .isLessThan(16L << 20);
            }
        }
    }

    @Test
    void aColdKernelRotatesThroughTwiceTheCacheAndAHotOneStays() {
        Workload workload = Workload.of(new Activation(4, 8, 16, 16, ActivationKind.RELU), Pass.BACKWARD);
        try (WorkloadKernel cold = (WorkloadKernel) device.open(WorkloadKey.cold(workload));
                WorkloadKernel hot =
                        (WorkloadKernel) device.open(new WorkloadKey(workload, Regime.HOT, Request.DEFAULT))) {
            assertThat(hot.sets()).isEqualTo(1);
            // Input, gradient and result, 32 KiB each.
            assertThat(cold.sets()).isEqualTo((int) Math.ceilDiv(2 * CACHE, 3 * 32_768L));
            assertThat(cold.bytes()).isEqualTo(cold.sets() * 2L * 32_768);
        }
    }

    @Test
    void aStepIsReplayedInOrderAndFreed() {
        List<Instruction> instructions = workloads().stream()
                .flatMap(w -> List.of(w, w).stream())
                .map(w -> new Instruction("layer", w, List.of(), List.of()))
                .toList();
        StepProgram program = new StepProgram("small", StepProgram.Kind.TRAINING, 4, instructions, List.of());
        long before = Pointer.totalCount();
        try (Kernel kernel = device.open(program)) {
            kernel.launch();
            assertThat(device.secondsPerLaunch(kernel, 2)).isPositive();
        }
        assertThat(Pointer.totalCount()).isEqualTo(before);
    }

    @Test
    void whatHasNoKernelIsRefusedWithTheWorkloadsText() {
        Operation operation = new Linear(1, 2, 3);
        List<Workload> refused = List.of(
                new Workload(operation, Pass.FORWARD, DataType.F16, MathMode.DEFAULT, Layout.NCHW),
                new Workload(operation, Pass.FORWARD, DataType.F32, MathMode.TF32, Layout.NCHW));
        for (Workload workload : refused) {
            assertThatThrownBy(() -> device.open(WorkloadKey.cold(workload)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(workload.text());
        }
        assertThatThrownBy(() ->
                        device.open(WorkloadKey.cold(Workload.of(new Add(1, 1, 1, 1, Operand.TENSOR), Pass.BACKWARD))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing is launched");
        Request zeros = new Request(0, false, "zeros");
        assertThatThrownBy(() -> device.open(new WorkloadKey(Workload.of(operation, Pass.FORWARD), Regime.HOT, zeros)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("zeros");
    }

    @Test
    void theFingerprintNamesWhatChangesTimes() {
        assertThat(device.fingerprint().identity())
                .containsEntry("threads", "1")
                .containsEntry("denormals", "flushed")
                .containsEntry("measurementVersion", "1")
                .containsKeys("device", "instructionSet", "libtorch", "onednn", "ompWaitPolicy");
        assertThat(device.fingerprint().context()).containsKeys("jvm", "kernel", "toolVersion");
        assertThat(device.identity(Map.of("OMP_WAIT_POLICY", "PASSIVE", "MALLOC_ARENA_MAX", "1")))
                .containsEntry("ompWaitPolicy", "PASSIVE")
                .containsEntry("MALLOC_ARENA_MAX", "1");
        for (String name : List.of("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "GOMP_CPU_AFFINITY")) {
            assertThat(device.identity(Map.of(name, "0"))).containsEntry(name, "0");
        }
    }

    @Test
    void theLoadIsAmongTheConditions() {
        assertThat(device.conditions().readings()).containsKey("loadAverage");
    }

    @Test
    void theServiceLoaderFindsTheProcessor() {
        try (Device found = DeviceProvider.openDevice("cpu")) {
            assertThat(found).isInstanceOf(LibTorchDevice.class);
            assertThat(found.id()).isEqualTo("cpu");
        } finally {
            LibTorch.load(1);
        }
        assertThatThrownBy(() -> DeviceProvider.openDevice("cpu:1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aClosedDeviceOpensNothing() {
        LibTorchDevice closed = new LibTorchDevice(library, CACHE);
        closed.close();
        closed.close();
        assertThatThrownBy(() -> closed.open(WorkloadKey.cold(Workload.of(new Linear(1, 2, 3), Pass.FORWARD))))
                .isInstanceOf(IllegalStateException.class);
    }
}
