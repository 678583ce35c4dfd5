package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.secateur.models.core.memory.TrainingMemory;
import org.secateur.profilers.libtorch.TensorFormat;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Layout;

/** Training in processes of its own, whose resident size is what is looked at. */
@Tag("process")
@Timeout(300)
class MemoryIT {
    /** Every block of memory has pages of its own here, so that what is resident is what is alive. */
    private static final Map<String, String> OWN_PAGES = Map.of("MALLOC_MMAP_THRESHOLD_", "65536");

    /** Loose: the benchmark asks for 15 % of larger networks; this finds a copy too many or one that is not counted. */
    @ParameterizedTest
    @EnumSource(Layout.class)
    void trainingTakesAboutWhatIsPredicted(Layout layout) {
        TensorFormat format = new TensorFormat(DataType.F32, layout);
        MemoryFork.Resident resident = MemoryFork.measure("resnet8", 32, 128, 4, format, OWN_PAGES);
        TrainingMemory predicted = TrainingMemory.of(MemoryFork.network("resnet8", 32), 128, DataType.F32, layout);
        double alive = predicted.peak() - predicted.allocator();
        assertThat(alive / (resident.peak() - resident.loaded())).isBetween(0.8, 1.2);
    }

    /** A tensor of the size of the logits that is forgotten in each step would come to more than twice as much. */
    @Test
    void twoHundredStepsTakeNoMoreThanFifty() {
        MemoryFork.Resident resident = MemoryFork.measure("squeezenet", 64, 8, 200, TensorFormat.DEFAULT);
        assertThat(resident.late() - resident.early()).isLessThan(MemoryTrials.GROWTH_BYTES / 4);
    }
}
