package org.secateur.models.libtorch;

import org.junit.jupiter.api.Tag;
import org.secateur.results.core.Layout;

/** The group lasso with channels last. */
@Tag("native")
final class ChannelsLastGroupLassoTest extends GroupLassoTest {
    @Override
    Layout layout() {
        return Layout.NHWC;
    }
}
