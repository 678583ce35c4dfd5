package org.secateur.profilers.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Pass;
import org.secateur.results.core.Regime;
import org.secateur.results.core.Request;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;

/** What only a real GPU can tell; in a process of its own, without the stand-in. */
@Tag("gpu")
class RealGpuIT {
    private static @Nullable CudaDevice opened;
    private static String reason = "";

    @BeforeAll
    static void open() {
        Optional<Path> cudnn = Optional.ofNullable(System.getProperty(CudaDeviceProvider.CUDNN))
                .map(Path::of);
        try {
            LibraryPlaces places = new LibraryPlaces(Path.of("/"), System.getenv());
            opened = new CudaDevice(CudaLibraries.load(places, cudnn), 0);
        } catch (SecateurException e) {
            reason = String.valueOf(e.getMessage());
        }
    }

    @AfterAll
    static void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private static CudaDevice device() {
        CudaDevice device = opened;
        assumeTrue(device != null, "skipped: " + reason);
        if (device == null) {
            throw new IllegalStateException("an assumption that fails ends the test");
        }
        return device;
    }

    @Test
    void convolutionsMatchTheirTwinsWhereCudnnHasThem() {
        CudaDevice device = device();
        List<String> missing = new ArrayList<>();
        for (ConvolutionCase one : ConvolutionCase.all().toList()) {
            try {
                one.check(device);
            } catch (IllegalArgumentException e) {
                missing.add(one + ": " + e.getMessage());
            }
        }
        // 16-bit types in NCHW, and dilated groups in NHWC, may be missing; FP32 in NCHW may not.
        assertThat(missing).noneMatch(text -> text.contains("layout=NCHW, type=F32"));
    }

    @Test
    void twiceTheLaunchesTakeTwiceTheTime() {
        CudaDevice device = device();
        Extent one = Extent.of(1);
        Convolution o = new Convolution(32, 128, 28, 28, 128, 3, 3, one, one, one, 1);
        Workload workload = new Workload(o, Pass.FORWARD, DataType.F16, MathMode.DEFAULT, Layout.NHWC);
        try (WorkloadKernel kernel =
                (WorkloadKernel) device.open(new WorkloadKey(workload, Regime.HOT, Request.DEFAULT))) {
            int each = 20 * kernel.launchesPerReplay();
            device.secondsPerLaunch(kernel, 10 * each); // clocks go up
            double once = device.secondsPerLaunch(kernel, each) * each;
            double twice = device.secondsPerLaunch(kernel, 2 * each) * 2 * each;
            assertThat(twice / once).isCloseTo(2, within(0.01));
        }
    }
}
