"""Cases 18, 21 and 22, which the tests of the data sets and of the command line hold already: run here with the others.

18: a pixel that is no number. 21: a file of options with what cannot be meant. 22: IDX files and gzip that are damaged,
state too much, or are others.
"""

import pytest

from tests.cli.test_config_file import (  # noqa: F401
    nothing_is_planned,
    test_a_grid_of_a_thousand_million_cells_is_refused_before_it_is_made,
    test_what_cannot_be_meant_is_refused_by_its_key,
)
from tests.data.conftest import write_idx  # noqa: F401
from tests.data.test_bad_arguments import test_an_error_names_the_thing_and_the_remedy  # noqa: F401
from tests.data.test_dataset import test_a_value_that_is_not_finite_is_named_by_index  # noqa: F401
from tests.data.test_idx import (  # noqa: F401
    test_a_bomb_is_refused_without_being_inflated,
    test_a_fault_names_the_file_the_check_and_the_remedy,
    test_a_header_of_too_much_is_refused_before_memory_is_taken,
    test_a_small_file_that_states_much_is_cut_short,
)
from tests.data.test_idx_folder import test_a_test_label_that_training_has_not_is_refused  # noqa: F401
from tests.data.test_npz import (  # noqa: F401
    test_any_flipped_byte_gives_data_or_a_data_set_error,
    test_headers_that_state_too_much_are_refused_before_memory_is_taken,
    test_nothing_is_unpickled,
    test_zeros_that_deflate_to_nothing_are_refused_by_their_size,
)

pytestmark = pytest.mark.fault
