package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.secateur.models.core.memory.TrainingMemory;

/** Training in processes of its own, whose resident size is what is looked at. */
@Tag("process")
@Timeout(300)
class MemoryIT {
    /** Loose: the benchmark asks for 15 % of larger networks; this finds a copy too many or one that is not counted. */
    @Test
    void trainingTakesAboutWhatIsPredicted() {
        MemoryFork.Resident resident = MemoryFork.measure("resnet8", 32, 128, 4);
        long predicted =
                TrainingMemory.of(MemoryFork.network("resnet8", 32), 128).peak();
        assertThat((double) predicted / (resident.peak() - resident.loaded())).isBetween(0.7, 1.3);
    }

    /** A tensor of the size of the logits that is forgotten in each step would come to nearly twice as much. */
    @Test
    void twoThousandStepsTakeNoMoreThanFiveHundred() {
        MemoryFork.Resident resident = MemoryFork.measure("resnet8", 8, 64, 2000);
        assertThat(resident.late() - resident.early()).isLessThan(MemoryTrials.GROWTH_BYTES / 4);
    }
}
