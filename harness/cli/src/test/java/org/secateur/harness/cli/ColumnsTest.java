package org.secateur.harness.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ColumnsTest {
    @Test
    void numbersStandToTheRightAndLinesEndWithoutBlanks() {
        assertThat(new Columns("layer", "MACs", "note")
                        .row("conv1", "9.5k", "")
                        .row("fc", "-", "last")
                        .text())
                .isEqualTo("""
                        layer  MACs  note
                        conv1  9.5k
                        fc        -  last
                        """);
    }
}
