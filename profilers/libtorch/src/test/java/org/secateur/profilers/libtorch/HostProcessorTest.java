package org.secateur.profilers.libtorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostProcessorTest {
    @TempDir
    Path root;

    @Test
    void theLastLevelIsSummedOverItsInstances() throws IOException {
        cache("cpu0/cache/index2", 2, "512K", "0");
        cache("cpu0/cache/index3", 3, "32768K", "0-1");
        cache("cpu1/cache/index3", 3, "32768K", "0-1");
        cache("cpu2/cache/index3", 3, "16M", "2-3");
        assertThat(new HostProcessor(root).lastLevelCacheBytes()).hasValue((32L << 20) + (16L << 20));
    }

    @Test
    void modelClockAndLoadAreRead() throws IOException {
        write(
                "proc/cpuinfo",
                "model name\t: Some CPU @ 2 GHz\ncpu MHz\t\t: 2000.5\n\nmodel name\t: x\ncpu MHz\t: 1999.5\n");
        write("proc/loadavg", "1.25 0.50 0.25 1/100 12\n");
        write("sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n");
        write("sys/class/thermal/thermal_zone1/temp", "45500\n");
        HostProcessor processor = new HostProcessor(root);
        assertThat(processor.model()).hasValue("Some CPU @ 2 GHz");
        assertThat(processor.clockHertz()).hasValue(2e9);
        assertThat(processor.load()).hasValue(1.25);
        assertThat(processor.temperatureCelsius()).hasValue(45.5);
    }

    @ParameterizedTest
    @CsvSource({"fpu avx512_bf16 amx_tile, true", "fpu amx_bf16, true", "fpu avx2 avx512f avx512_bf16x, false"})
    void brainFloatIsOneOfTheFlags(String flags, boolean has) throws IOException {
        write("proc/cpuinfo", "model name\t: Some CPU\nflags\t\t: " + flags + "\n");
        assertThat(new HostProcessor(root).hasBrainFloat()).isEqualTo(has);
    }

    @Test
    void whatIsNotThereIsAbsent() {
        HostProcessor processor = new HostProcessor(root);
        assertThat(processor.model()).isEmpty();
        assertThat(processor.hasBrainFloat()).isFalse();
        assertThat(processor.clockHertz()).isEmpty();
        assertThat(processor.load()).isEmpty();
        assertThat(processor.temperatureCelsius()).isEmpty();
        assertThat(processor.lastLevelCacheBytes()).isEmpty();
    }

    private void cache(String folder, int level, String size, String sharers) throws IOException {
        String base = "sys/devices/system/cpu/" + folder;
        write(base + "/level", level + "\n");
        write(base + "/size", size + "\n");
        write(base + "/shared_cpu_list", sharers + "\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
