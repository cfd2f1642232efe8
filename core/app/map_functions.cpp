#include <iostream>

#include "core/app/commands.h"
#include "core/steps/reference.h"

namespace datong::app {

int map_functions(ReferenceForm form) {
    std::cout << (form == ReferenceForm::json       ? steps::reference_json()
                  : form == ReferenceForm::markdown ? steps::reference_markdown()
                                                    : steps::reference_list());
    return kGood;
}

}  // namespace datong::app
